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
   * @throws ProviderError when none is left: `unavailable`, or what one of them answered
   */
  choose(caller: Caller, model: string, tried: ReadonlySet<Server>): Promise<Server>;
  /** It failed: others are taken for a while, as long as there are others. */
  rest(server: Server): void;
}

/** A dead server must not keep a job from those that live. */
const PROBE_MS = 2_500;

export function createFleet(servers: readonly Server[], restMs: number): Fleet {
  let turn = 0;

  /** Those that answer, the least busy first; `refusals` takes up what the others said. */
  async function measured(
    caller: Caller,
    candidates: readonly Server[],
    refusals: ProviderError[],
  ): Promise<Server[]> {
    const answers = await Promise.all(
      candidates.map(async (server) => {
        try {
          const depth = await withDeadline(PROBE_MS, caller.signal, (signal) =>
            queueDepth(server, { http: caller.http, signal }),
          );
          server.restsUntil = 0;
          return { server, load: depth + server.coming };
        } catch (error) {
          // Whatever keeps it from answering, it comes back after its rest.
          if (ProviderError.is(error)) refusals.push(error);
          server.restsUntil = performance.now() + restMs;
          return undefined;
        }
      }),
    );
    caller.signal.throwIfAborted();
    return answers
      .filter((answer) => answer !== undefined)
      .sort((a, b) => a.load - b.load)
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
      const resting = inTurn.filter((server) => !awake.includes(server));
      const refusals: ProviderError[] = [];
      for (const candidates of [awake, resting]) {
        const [best] = await measured(caller, candidates, refusals);
        if (best !== undefined) return taken(best);
      }
      const isUnfit = servers.every((server) => server.unfit.has(model));
      throw isUnfit
        ? new ProviderError("misconfigured", "The workflow does not fit the server.", { started: "no" })
        : (refusals[0] ?? new ProviderError("unavailable", "No server answers.", { started: "no" }));
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
