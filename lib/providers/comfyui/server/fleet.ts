import { withDeadline } from "../../../internal/deadline";
import { ProviderError } from "../../../ports/provider-error";
import type { Caller } from "./api";
import { queueDepth, type Server } from "./server";

/** Who may take a job next, the least busy first. */
export interface Fleet {
  readonly servers: readonly Server[];
  /**
   * The least busy server that answers; the job counts as `coming` to it until the caller takes it off.
   *
   * @param tried are left out
   * @throws ProviderError `unavailable` when none is left
   */
  choose(caller: Caller, model: string, tried: ReadonlySet<Server>): Promise<Server>;
  /** It failed: others are taken for a while, as long as there are others. */
  rest(server: Server): void;
}

/** A dead server must not keep a job from those that live. */
const PROBE_MS = 2_500;

export function createFleet(servers: readonly Server[], restMs: number): Fleet {
  let turn = 0;

  async function measured(caller: Caller, candidates: readonly Server[]): Promise<Server[]> {
    const answers = await Promise.all(
      candidates.map(async (server) => {
        try {
          const depth = await withDeadline(PROBE_MS, caller.signal, (signal) =>
            queueDepth(server, { http: caller.http, signal }),
          );
          return depth === undefined ? undefined : { server, depth };
        } catch {
          // Whatever keeps it from answering, it comes back after its rest.
          return undefined;
        }
      }),
    );
    caller.signal.throwIfAborted();
    for (const [index, answer] of answers.entries()) {
      const server = candidates[index];
      if (server !== undefined) server.restsUntil = answer === undefined ? performance.now() + restMs : 0;
    }
    return answers
      .filter((answer) => answer !== undefined)
      .sort((a, b) => a.depth + a.server.coming - (b.depth + b.server.coming))
      .map(({ server }) => server);
  }

  return {
    servers,
    async choose(caller, model, tried) {
      const left = servers.filter((server) => !tried.has(server) && !server.unfit.has(model));
      const [only] = left;
      if (only !== undefined && servers.length === 1) return taken(only);
      turn = (turn + 1) % Math.max(1, left.length);
      const inTurn = [...left.slice(turn), ...left.slice(0, turn)];
      const awake = inTurn.filter(({ restsUntil }) => restsUntil <= performance.now());
      const [best] = await measured(caller, awake);
      const chosen =
        best ??
        (
          await measured(
            caller,
            inTurn.filter((server) => !awake.includes(server)),
          )
        )[0];
      if (chosen !== undefined) return taken(chosen);
      const isUnfit = servers.every((server) => server.unfit.has(model));
      throw isUnfit
        ? new ProviderError("misconfigured", "The workflow does not fit the server.", { started: "no" })
        : new ProviderError("unavailable", "No server answers.", { started: "no" });
    },
    rest(server) {
      server.restsUntil = performance.now() + restMs;
    },
  };
}

/** Counted at once: whoever chooses in the same moment sees it. */
function taken(server: Server): Server {
  server.coming++;
  return server;
}
