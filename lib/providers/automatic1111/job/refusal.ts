import type { HttpResponse } from "../../../ports/http-client";
import { ProviderError } from "../../../ports/provider-error";
import { errorOf } from "../../upstream/error-answer";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";

const NO_API = "the server has no such route: start it with --api, and let `url` be its root";

/**
 * An answer to the work that is no success. What it says is `{error, detail, body, errors}`, FastAPI's `{detail}`, or on Forge nothing
 * but `Internal Server Error`.
 */
export async function refusalOf(response: HttpResponse, secrets: readonly string[]): Promise<ProviderError> {
  const error = await errorOf(response, secrets);
  const { status, cause } = error.info;
  const said = typeof cause === "string" ? cause : "";
  if (/out ?of ?memory/i.test(said)) {
    return new ProviderError("overloaded", "The server ran out of memory.", {
      ...error.info,
      started: "yes",
    });
  }
  // With 500, though nothing was begun.
  if (/invalid encoded image/i.test(said)) {
    const message = "The file in 'image' is no picture that the server can read.";
    return new ProviderError("invalid_request", message, { ...error.info, param: "image", started: "no" });
  }
  // With 404 by older versions.
  if (/sampler not found/i.test(said)) {
    const message = "The server does not have this sampler.";
    return new ProviderError("invalid_request", message, {
      ...error.info,
      param: "sampler_name",
      started: "no",
    });
  }
  if (status === 404 || status === 405) {
    return new ProviderError("misconfigured", FAULT_MESSAGES.misconfigured, { ...error.info, cause: NO_API });
  }
  return error;
}
