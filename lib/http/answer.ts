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

/**
 * A JSON answer whose length is known only at its end: written at once when it is small, else piece by piece from the moment that
 * it is too large for that. Until then nothing is sent, and what its source throws is a proper error.
 */
export async function sendPassingJson(
  res: Response,
  chunks: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<void> {
  const { start, rest } = await beginning(chunks, SMALL_BYTES);
  const begin = () => res.status(200).set(HEADERS);
  if (rest === undefined) {
    const whole = Buffer.concat(start);
    begin().set("content-length", String(whole.length)).end(whole);
    return;
  }
  await writeBody(res, rest, signal, () => begin().set("x-accel-buffering", "no"));
}

/** As much of a text as fits, and the whole of it where there is more. */
async function beginning(
  chunks: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<{
  readonly start: readonly Uint8Array[];
  readonly rest: AsyncIterable<Uint8Array | string> | undefined;
}> {
  const iterator = chunks[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let bytes = 0;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const piece = typeof next.value === "string" ? Buffer.from(next.value) : next.value;
    start.push(piece);
    bytes += piece.length;
    if (bytes > maxBytes) return { start, rest: resumed(start, iterator) };
  }
  return { start, rest: undefined };
}

async function* resumed<T>(start: readonly T[], iterator: AsyncIterator<T>): AsyncGenerator<T> {
  let isDone = false;
  try {
    yield* start;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) {
        isDone = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
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
