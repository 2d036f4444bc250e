import type { Fault } from "../../ports/provider-error";

/** What is said of a fault unless the upstream itself explains it. */
export const FAULT_MESSAGES: Readonly<Record<Fault, string>> = {
  invalid_request: "the upstream refused the request",
  unsupported_param: "the upstream does not know a parameter of the request",
  content_policy: "the upstream's content policy refused the request",
  auth: "the upstream refused the gateway's credentials",
  quota: "the gateway's account at the upstream has nothing left",
  rate_limit: "the upstream takes no more requests for now",
  overloaded: "the upstream is overloaded",
  unavailable: "the upstream failed",
  timeout: "the upstream took too long",
  cancelled: "the request was cancelled",
  not_found: "the upstream does not have this model",
  misconfigured: "the upstream is not what the gateway is configured for",
  protocol: "the upstream's answer is not one of an image API",
  internal: "the provider failed",
};
