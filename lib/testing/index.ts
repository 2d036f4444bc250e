export {
  type AuthenticateSubject,
  type AuthenticateUnderTest,
  type CapabilitiesSubject,
  type CapabilitiesUnderTest,
  testAuthenticate,
  testCapabilities,
} from "./access";
export { type ImageStoreConditions, type ImageStoreSubject, testImageStore } from "./image-store";
export { type JobQueueSuite, testJobQueue } from "./job-queue";
export {
  type ProviderSubject,
  type ProviderUnderTest,
  type ScriptedUpstream,
  testProvider,
  type UpstreamFailure,
} from "./provider";
export { type RegistrySubject, type RegistryUnderTest, testRegistry } from "./registry";
export type { TestRunner } from "./test-runner";
