import { once } from "node:events";
import type { Response } from "express";

/** A client that takes nothing for so long is cut. */
const STALL_MS = 60_000;

/**
 * Writes a body under back-pressure. When the source fails or the client stalls, the connection is cut: half an answer
 * must not look like a whole one.
 *
 * @throws what the source throws
 */
export async function writeBody(
  res: Response,
  chunks: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      if (!res.write(chunk)) await drained(res, signal);
    }
    res.end();
  } catch (error) {
    res.destroy();
    throw error;
  }
}

async function drained(res: Response, signal: AbortSignal): Promise<void> {
  const stalled = AbortSignal.timeout(STALL_MS);
  await once(res, "drain", { signal: AbortSignal.any([signal, stalled]) });
}
