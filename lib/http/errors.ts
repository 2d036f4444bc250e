import type { NextFunction, Request, Response } from "express";
import { describeError } from "../core/describe-error";
import type { Logger } from "../ports";
import { GatewayError } from "../ports";
import { internalError } from "../ports/common-errors";
import { ClientGoneError } from "./client-signal";
import { discardBody } from "./discard-body";
import { requestIdOf } from "./request-id";

const MAX_RETRY_AFTER_SECONDS = 60;

/** Writes an error as OpenAI's envelope. The one place where errors become answers. */
export function sendError(res: Response, error: GatewayError, status: number = error.status): void {
  if (res.headersSent) {
    // Half an answer must not look like a whole one.
    res.destroy();
    return;
  }
  const requestId = requestIdOf(res);
  const text = JSON.stringify({ error: error.body });
  res.status(status);
  res.set({
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    "x-should-retry": String(error.retry),
  });
  if (error.retryAfterSeconds !== undefined) {
    res.set(
      "retry-after",
      String(Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(error.retryAfterSeconds)))),
    );
  }
  // A draining process wants its connections to go elsewhere.
  if (error.code === "draining" || error.code === "closed") res.set("connection", "close");
  if (status === 401) res.set("www-authenticate", 'Bearer realm="images"');
  res.end(text);
  discardBody(res.req);
}

/** What was thrown, as the caller is to see it. What is not ours to explain becomes a bland 500 and a line in the log. */
export function toAnswer(error: unknown, res: Response, log: Logger): GatewayError {
  if (GatewayError.is(error)) return error;
  if (isUndecodablePath(error)) {
    return new GatewayError("invalid_request", "The path holds a broken percent-encoding.", { cause: error });
  }
  log.error({ requestId: requestIdOf(res), ...describeError(error) }, "unexpected error");
  return internalError();
}

/** Express' own refusal of `%zz` in a route parameter. */
const isUndecodablePath = (error: unknown): boolean =>
  error instanceof URIError && "status" in error && error.status === 400;

/** The error end of every route of ours. */
export const answerErrors =
  (log: Logger) =>
  (error: unknown, _req: Request, res: Response, _next: NextFunction): void => {
    // The client has gone: that is a cancellation, not an error, and nobody reads an answer.
    if (error instanceof ClientGoneError) return;
    sendError(res, toAnswer(error, res, log));
  };
