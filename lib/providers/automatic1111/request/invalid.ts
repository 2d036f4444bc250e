import { ProviderError } from "../../../ports/provider-error";

/** A value of the caller's that cannot be sent. */
export const invalid = (param: string, message: string): ProviderError =>
  new ProviderError("invalid_request", message, { param, started: "no" });
