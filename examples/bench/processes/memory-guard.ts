import { readFileSync } from "node:fs";

import type { Child } from "./child";

const EVERY_MS = 50;
const MOST_BYTES = 6e9;

/**
 * Ends a server that takes more memory than the machine should give, before the machine suffers. Where there is no `/proc` nobody
 * watches.
 *
 * @returns ends the watch
 */
export function guardMemory(server: Child): () => void {
  const timer = setInterval(() => {
    if (residentBytes(server.pid) > MOST_BYTES)
      server.kill(`took more than ${MOST_BYTES / 1e9} GB and was ended`);
  }, EVERY_MS);
  return () => clearInterval(timer);
}

function residentBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
