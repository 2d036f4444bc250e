import { setTimeout as pause } from "node:timers/promises";

import { isPassing } from "../faults";
import type { Caller } from "../server/api";
import type { Server } from "../server/server";
import type { Sighting } from "../server/sighting";
import type { Timing } from "../timing";

/**
 * Where a run stands. A server that is out of reach is asked again for as long as a run may wait for it.
 *
 * @throws what it failed with at last
 */
export async function findPatiently(
  { watcher }: Server,
  caller: Caller,
  promptId: string,
  { unreachableMs, pollMs }: Timing,
): Promise<Sighting> {
  const limit = performance.now() + unreachableMs;
  for (;;) {
    try {
      return await watcher.find(caller, promptId);
    } catch (error) {
      if (!isPassing(error) || performance.now() >= limit) throw error;
      watcher.forget();
      await pause(pollMs, undefined, { signal: caller.signal });
    }
  }
}
