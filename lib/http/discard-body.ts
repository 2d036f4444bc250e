import type { IncomingMessage } from "node:http";
import { MIB } from "../internal/byte-sizes";

const MAX_BYTES = 16 * MIB;
const MAX_MS = 10_000;

/**
 * Reads the rest of a body that nobody wants, so that a client still sending sees the answer instead of a reset; beyond 16 MiB
 * or 10 s the connection is cut.
 */
export function discardBody(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  let bytes = 0;
  const cut = () => req.socket.destroy();
  const timer = setTimeout(cut, MAX_MS);
  timer.unref();
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) cut();
  });
  req.once("close", () => clearTimeout(timer));
  req.resume();
}
