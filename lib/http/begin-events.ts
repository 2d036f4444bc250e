import type { Response } from "express";

/** Proxies and browsers give up on a connection that says nothing for a minute. */
export const SILENCE_MS = 15_000;

/** Status and headers of an event stream; they go out at once. */
export function beginEvents(res: Response): void {
  res.status(200).set({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  res.flushHeaders();
}
