import { setTimeout as pause } from "node:timers/promises";

import type { Api, Caller } from "./api";
import { ROUTES } from "./routes";
import type { Monitor } from "./sighting";

/**
 * Interrupts a task as soon as it is seen to run, and gives up when it has ended. The interrupt has no address: it stops whatever
 * the server works on at that moment, so it is never sent on suspicion.
 *
 * @throws the signal's reason; HttpError, DeadlineError when the interrupt fails
 */
export async function stopTask(api: Api, caller: Caller, monitor: Monitor, pollMs: number): Promise<void> {
  for (;;) {
    const sighting = await monitor.look(caller, false).catch(() => undefined);
    if (sighting?.state === "done") return;
    if (sighting?.state === "running") {
      await api.post(caller, ROUTES.interrupt, {});
      return;
    }
    await pause(pollMs, undefined, { signal: caller.signal });
  }
}
