import type { ErrorRequestHandler } from "express";
import { describeError } from "../core/describe-error";
import type { ErrorCode, Logger } from "../ports";
import { GatewayError } from "../ports";
import { internalError } from "../ports/common-errors";
import { sendError } from "./errors";
import type { ExpressErrorMiddleware } from "./express-middleware";
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

const STATUS_CODES = new Map<number, ErrorCode>([
  [401, "invalid_api_key"],
  [405, "method_not_allowed"],
  [413, "request_too_large"],
  [415, "unsupported_media_type"],
  [429, "rate_limit_exceeded"],
]);

/**
 * An error handler for a host that wants OpenAI's envelope everywhere: put it last. Errors of the host's own middleware that
 * carry a 4xx status keep it, without their message; everything else becomes a 500 without details.
 */
export function openaiErrorHandler({ logger }: OpenaiErrorHandlerOptions = {}): ExpressErrorMiddleware {
  const handler: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
    if (GatewayError.is(error)) return sendError(res, error);
    const status = clientStatusOf(error);
    if (status !== undefined) return sendError(res, refusalOf(error, status), status);
    logger?.error({ requestId: requestIdOf(res), ...describeError(error) }, "unexpected error");
    sendError(res, internalError());
  };
  return handler;
}

/** The 4xx status that an error carries, as those of `http-errors` do. */
function clientStatusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const status: unknown = Reflect.get(error, "status");
  const isClients = typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 500;
  return isClients ? status : undefined;
}

function refusalOf(error: unknown, status: number): GatewayError {
  const parser = error instanceof Error && "type" in error ? PARSER_CODES.get(error.type) : undefined;
  if (parser !== undefined)
    return new GatewayError(parser, "The request body could not be read.", { cause: error });
  const code = STATUS_CODES.get(status) ?? "invalid_request";
  return new GatewayError(code, "The request was refused.", { cause: error });
}
