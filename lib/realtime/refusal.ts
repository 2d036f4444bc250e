import { describeError } from "../core/describe-error";
import type { ErrorBody, Logger } from "../ports";
import { GatewayError } from "../ports";
import { internalError } from "../ports/common-errors";

/** What a client is told of an error; one that was not meant for it becomes a bland `internal_error` and goes to the log. */
export function toErrorBody(error: unknown, log: Logger): ErrorBody {
  if (GatewayError.is(error)) return error.body;
  log.error(describeError(error), "an unexpected error on a socket");
  return internalError().body;
}

/** As Socket.IO's middlewares want it: `data` reaches the client's `connect_error`. */
export const toConnectError = (body: ErrorBody): Error & { readonly data: ErrorBody } =>
  Object.assign(new Error(body.message), { data: body });
