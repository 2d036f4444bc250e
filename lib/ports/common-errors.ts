import { GatewayError } from "./errors";

/** What any room may have to say. Within the package only: `index.ts` does not show them. */

/** For all that is not the caller's to know. */
export const internalError = (cause?: unknown): GatewayError =>
  new GatewayError(
    "internal_error",
    "Something went wrong here. Quote the x-request-id of the answer, if it has one, when you report it.",
    { cause },
  );

export const draining = (): GatewayError =>
  new GatewayError("draining", "The server is shutting down. Send the request again.", {
    retryAfterSeconds: 1,
  });

export const closed = (): GatewayError =>
  new GatewayError("closed", "The image service on this server has been closed.");
