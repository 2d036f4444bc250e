import { once } from "node:events";
import type { Response } from "express";

/** A client that takes nothing for so long is cut. */
const STALL_MS = 60_000;

/**
 * Writes a body under back-pressure and resolves when all of it has gone out. When the source fails or the client stalls, the
 * connection is cut: half an answer must not look like a whole one. A source that fails before its first bytes leaves the
 * response untouched, for whoever answers errors.
 *
 * @param begin sets status and headers; called when the first bytes are there
 * @throws the signal's reason when the client has gone, else what the source throws
 */
export async function writeBody(
  res: Response,
  chunks: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
  begin: () => void,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      if (!res.headersSent) begin();
      await write(res, chunk, signal);
    }
    await end(res, signal);
  } catch (error) {
    if (res.headersSent) res.destroy();
    // Whatever a source makes of an abort, the reason for it is what happened.
    throw signal.aborted ? signal.reason : error;
  }
}

/** Writes one piece, and waits while the client has enough to take. @throws the signal's reason when the client has gone */
export async function write(res: Response, piece: Uint8Array | string, signal: AbortSignal): Promise<void> {
  if (!res.write(piece)) await taken(res, "drain", signal);
}

/** Ends the body and waits until all of it has gone out. */
export async function end(res: Response, signal: AbortSignal): Promise<void> {
  res.end();
  if (!res.writableFinished) await taken(res, "finish", signal);
}

/** Waits until what was written has gone to the client; one that takes nothing is cut, which aborts the signal. */
async function taken(res: Response, event: "drain" | "finish", signal: AbortSignal): Promise<void> {
  const timer = setTimeout(() => res.destroy(), STALL_MS);
  timer.unref();
  try {
    await once(res, event, { signal });
  } finally {
    clearTimeout(timer);
  }
}
