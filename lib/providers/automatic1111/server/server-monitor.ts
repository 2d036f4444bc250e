import { setTimeout as pause } from "node:timers/promises";

import type { Api, Caller } from "./api";
import { askServerState, type ServerState } from "./server-state";
import type { Monitor } from "./sighting";

/**
 * Looks after a task on a server that only tells of whatever it works on. What was under way before the task was sent is another's:
 * nothing is believed until the server has been free, or has begun anew.
 */
export function createServerMonitor(
  api: Api,
  { isExclusive, pollMs }: { readonly isExclusive: boolean; readonly pollMs: number },
): Monitor {
  /** What the server works on that is not ours. */
  let foreign: ServerState | undefined;
  let isSeen = false;

  return {
    async prepare(caller) {
      foreign = await stateOrNone(api, caller);
      // Alone with the server we meet only what we have given up ourselves: an interrupt must not hit that in place of the new task.
      while (isExclusive && foreign !== undefined) {
        await pause(pollMs, undefined, { signal: caller.signal });
        foreign = await stateOrNone(api, caller);
      }
    },
    async look(caller, wantsPreview) {
      const state = await askServerState(api, caller, wantsPreview);
      if (foreign !== undefined && state.isBusy && state.began === foreign.began) return undefined;
      foreign = undefined;
      if (!state.isBusy) return isSeen ? { state: "done" } : undefined;
      isSeen = true;
      const { fraction, preview } = state;
      return { state: "running", fraction, ...(preview && { preview }) };
    },
  };
}

async function stateOrNone(api: Api, caller: Caller): Promise<ServerState | undefined> {
  try {
    const state = await askServerState(api, caller, false);
    return state.isBusy ? state : undefined;
  } catch {
    // Whether the server can be reached, the task itself will tell.
    caller.signal.throwIfAborted();
    return undefined;
  }
}
