export {
  type AuthenticateSubject,
  type AuthenticateUnderTest,
  testAuthenticate,
} from "./access/authenticate";
export {
  type CapabilitiesSubject,
  type CapabilitiesUnderTest,
  testCapabilities,
} from "./access/capabilities";
