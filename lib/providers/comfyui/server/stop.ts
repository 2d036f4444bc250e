import { member } from "../../../internal/json-shape";
import type { Api, Caller } from "./api";
import type { Watcher } from "./sighting";

export type Stopped = "stopped" | "requested" | "too_late" | "unknown";

/**
 * Takes a run out of the queue, or interrupts it at its next step, and says which. An interrupt always names the run: without
 * a name it would stop whoever runs.
 */
export async function stopRun(
  api: Api,
  watcher: Watcher,
  caller: Caller,
  promptId: string,
): Promise<Stopped> {
  const before = await watcher.find(caller, promptId);
  if (before.state === "unknown") return "unknown";
  if (before.state !== "pending" && before.state !== "running") return "too_late";
  if (await watcher.hasJobs(caller)) {
    const { json } = await api.post(caller, `/jobs/${promptId}/cancel`, {});
    if (member(json, "cancelled") === true) return before.state === "pending" ? "stopped" : "requested";
  } else {
    await api.post(caller, "/queue", { delete: [promptId] });
    const after = before.state === "pending" ? await watcher.find(caller, promptId) : before;
    if (after.state === "unknown") return "stopped";
    // Servers older than the interrupt with a name stop whoever runs: it is asked only while the run is seen to be ours.
    if (after.state === "running") {
      await api.post(caller, "/interrupt", { prompt_id: promptId });
      return "requested";
    }
  }
  return "too_late";
}
