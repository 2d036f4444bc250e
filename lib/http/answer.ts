import type { Response } from "express";
import type { JsonText } from "../wire/image-json";

import { writeBody } from "./write-body";

/** Beyond this a JSON answer is written piece by piece. */
const SMALL_BYTES = 64 * 1024;

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
};

/** A JSON answer that is small by nature. */
export function sendJson(res: Response, body: unknown): void {
  const text = JSON.stringify(body);
  res.status(200).set({ ...HEADERS, "content-length": String(Buffer.byteLength(text)) });
  res.end(text);
}

/** A JSON answer with pictures in it: collected and written at once when small, else streamed. */
export async function sendImageJson(res: Response, text: JsonText, signal: AbortSignal): Promise<void> {
  const begin = () => res.status(200).set({ ...HEADERS, "content-length": String(text.length) });
  // The pictures would be read for nothing.
  if (res.req.method === "HEAD") return void begin().end();
  if (text.length > SMALL_BYTES) {
    return writeBody(res, text.chunks, signal, () => begin().set("x-accel-buffering", "no"));
  }
  let whole = "";
  for await (const chunk of text.chunks) whole += chunk;
  begin().end(whole);
}
