import { setTimeout as pause } from "node:timers/promises";

import type { HttpClient } from "../../../ports/http-client";
import type { Pace } from "../pace";
import type { Monitor, Sighting } from "../server/sighting";

interface Watched {
  readonly monitor: Monitor;
  readonly http: HttpClient;
  readonly pace: Pick<Pace, "pollMs" | "pollCapMs">;
  wantsPreview(): boolean;
  /** Called when something has changed. */
  report(sighting: Sighting): void;
}

const SLOWER = 1.5;

/** Looks at a task again and again until `signal` aborts, less often while nothing changes. Never rejects. */
export async function watchTask(
  { monitor, http, pace, ...watched }: Watched,
  signal: AbortSignal,
): Promise<void> {
  let wait = pace.pollMs;
  let before = "";
  try {
    for (;;) {
      await pause(wait, undefined, { signal });
      const sighting = await monitor.look({ http, signal }, watched.wantsPreview()).catch(() => undefined);
      if (signal.aborted) return;
      const { preview, ...seen } = sighting ?? {};
      const now = JSON.stringify(seen);
      if (sighting !== undefined && (now !== before || preview !== undefined)) {
        before = now;
        wait = pace.pollMs;
        watched.report(sighting);
      } else {
        wait = Math.min(wait * SLOWER, pace.pollCapMs);
      }
    }
  } catch {
    // The pause was ended.
  }
}
