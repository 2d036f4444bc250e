import type { ErrorRequestHandler } from "express";
import { describeError } from "../core/describe-error";
import type { ErrorCode, Logger } from "../ports";
import { GatewayError } from "../ports";
import { sendError } from "./errors";
import { requestIdOf } from "./request-id";

export interface OpenaiErrorHandlerOptions {
  /** Told of errors that are answered with a bland 500. */
  readonly logger?: Logger;
}

/** What the usual parsers of Express call their refusals (body-parser's `type`). */
const PARSER_CODES = new Map<unknown, ErrorCode>([
  ["entity.parse.failed", "invalid_json"],
  ["entity.too.large", "request_too_large"],
  ["charset.unsupported", "unsupported_media_type"],
  ["encoding.unsupported", "unsupported_media_type"],
]);

/**
 * An error handler for a host that wants OpenAI's envelope everywhere: put it last. Errors of the host's own middleware that
 * carry a 4xx status keep that class, everything else becomes a 500 without details.
 */
export function openaiErrorHandler({ logger }: OpenaiErrorHandlerOptions = {}): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const known = GatewayError.is(error) ? error : fromParser(error);
    if (known === undefined) {
      logger?.error({ requestId: requestIdOf(res), ...describeError(error) }, "unexpected error");
    }
    sendError(res, known ?? new GatewayError("internal_error", "Something went wrong here."));
  };
}

function fromParser(error: unknown): GatewayError | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const code = PARSER_CODES.get(Reflect.get(error, "type"));
  if (code !== undefined)
    return new GatewayError(code, "The request body could not be read.", { cause: error });
  const status: unknown = Reflect.get(error, "status");
  const isClients = typeof status === "number" && status >= 400 && status < 500;
  return isClients
    ? new GatewayError("invalid_request", "The request was refused.", { cause: error })
    : undefined;
}
