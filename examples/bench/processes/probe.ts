/**
 * Loaded into every process of the bench before its own code, also into those of other people's: tells where the process listens,
 * and what it uses between two questions. A server need not know that it is measured.
 */
import { subscribe } from "node:diagnostics_channel";
import { Server } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Listening, Usage } from "./messages";
import { watchPeakMemory } from "./peak-memory";

/** Of the loop's clock: it is part of what the clock shows. */
const RESOLUTION_MS = 1;

const say = (message: object) => void process.send?.(message);

subscribe("tracing:net.server.listen:asyncEnd", (event) => {
  if (typeof event !== "object" || event === null || !("server" in event)) return;
  const address = event.server instanceof Server ? event.server.address() : null;
  if (address !== null && typeof address === "object") say({ port: address.port } satisfies Listening);
});

let end: (() => Usage) | undefined;

process.on("message", (question) => {
  if (question === "begin") {
    end = begin();
    say({});
  }
  if (question === "end") say(end?.() ?? {});
});
// Whoever started it has gone.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

function begin(): () => Usage {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const peak = watchPeakMemory();
  const baselineBytes = process.memoryUsage.rss();
  const before = process.cpuUsage();
  loop.enable();
  return () => {
    const { user, system } = process.cpuUsage(before);
    loop.disable();
    return {
      cpuMs: (user + system) / 1000,
      baselineBytes,
      peakBytes: peak(),
      stallMs: Math.max(0, loop.max / 1e6 - RESOLUTION_MS),
    };
  };
}
