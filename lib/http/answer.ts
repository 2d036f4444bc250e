import type { Response } from "express";
import { KIB } from "../internal/byte-sizes";

import type { Stopping } from "../internal/stop";
import type { JsonText } from "../wire/image-json";
import { type AddPart, writeBody } from "./body";

/** Beyond this a JSON answer is written piece by piece. */
const SMALL_BYTES = 64 * KIB;

const HEADERS = [
  ["content-type", "application/json; charset=utf-8"],
  ["cache-control", "no-store, no-transform"],
  ["x-content-type-options", "nosniff"],
] as const;

/** A JSON answer that is small by nature. */
export function sendJson(res: Response, body: unknown, status: 200 | 202 = 200): void {
  const text = JSON.stringify(body);
  setHeaders(res, status, Buffer.byteLength(text));
  res.end(text);
}

/**
 * A JSON answer with pictures in it: collected and written at once when it is small, else piece by piece from the moment that it is too
 * large for that. Until then nothing is sent, and what `write` throws is a proper error.
 *
 * @param length of all of it, where that is known
 */
export function sendJsonParts(
  res: Response,
  write: (add: AddPart) => Promise<void>,
  signal: Stopping,
  length?: number,
): Promise<void> {
  const begin = (whole?: number) => {
    setHeaders(res, 200, whole ?? length);
    // A proxy would hold back what comes piece by piece.
    if (whole === undefined) res.setHeader("x-accel-buffering", "no");
  };
  return writeBody(res, write, { signal, begin, heldBytes: SMALL_BYTES });
}

/** The same for a text that lies ready. */
export async function sendImageJson(res: Response, text: JsonText, signal: Stopping): Promise<void> {
  if (res.req.method !== "HEAD") {
    return sendJsonParts(
      res,
      async (add) => {
        for (const part of text.parts) await add(part);
      },
      signal,
      text.length,
    );
  }
  // The pictures would be read for nothing.
  setHeaders(res, 200, text.length);
  res.end();
}

/** By Node's own means: Express' look at each for what it could add. */
function setHeaders(res: Response, status: number, length: number | undefined): void {
  res.statusCode = status;
  for (const [name, value] of HEADERS) res.setHeader(name, value);
  if (length !== undefined) res.setHeader("content-length", String(length));
}
