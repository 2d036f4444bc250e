import type { JobRecord } from "../../../lib/ports";
import { isTerminal } from "../../../lib/ports";
import { signalled } from "../../support/gate";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, endOf, openBench, type RedisBench } from "./bench";
import { type Call, startUpstream } from "./upstream";

const IS_LONG = process.env["LONG"] === "1";
const REQUESTS = IS_LONG ? 200 : 30;
const KILLS = IS_LONG ? 20 : 2;
const WEB = 0;

afterEach(closeBenches);

describeWithRedis("web processes that are killed", (redis) => {
  it(
    `lose none of ${REQUESTS} requests, and those that come again elsewhere are not paid twice, killed ${KILLS} times`,
    async () => {
      const bench = await openBench(redis().url, { role: "web" });
      const callers = createCallers(bench);
      const upstream = await startUpstream((call) => {
        if (call.seat !== WEB) callers.maybeKill(() => upstream.kill(WEB));
        return call.seat === WEB ? callers.hear(call) : undefined;
      });
      upstream.hire(WEB, "web.ts", redis().url, bench.prefix);
      upstream.hire(1, "worker.ts", redis().url, bench.prefix, "30");
      upstream.hire(2, "worker.ts", redis().url, bench.prefix, "30");
      await callers.allAnswered;
      await upstream.close();

      expect(callers.kills).toBe(KILLS);
      expect(callers.adopted).toBeGreaterThan(0);
      expect((await bench.queue.list({ owner: "owner", limit: 100, live: true })).jobs).toEqual([]);
      const paid: (string | undefined)[] = [];
      for (const id of upstream.paid.keys()) paid.push((await bench.queue.get(id))?.fingerprint);
      expect([...upstream.paid.values()].filter((times) => times > 1)).toEqual([]);
      expect(paid.sort()).toEqual(requests().sort());
    },
    IS_LONG ? 300_000 : 30_000,
  );
});

const requests = () => Array.from({ length: REQUESTS }, (_, index) => `request-${index}`);

/** Callers of a web process: when it dies, those that have no answer ask at another one, at once. */
function createCallers(bench: RedisBench) {
  const toAsk = requests();
  /** By request, the process that it waits at. */
  const waiting = new Map<string, string>();
  const dead = new Set<string>();
  const answered = new Set<string>();
  const all = signalled();
  let kills = 0;
  let adopted = 0;
  let heard = 0;
  let next = 15;

  function receive(request: string): void {
    waiting.delete(request);
    answered.add(request);
    if (answered.size === REQUESTS) all.resolve();
  }

  async function askAgain(fingerprint: string): Promise<JobRecord> {
    const orphan = await bench.queue.adopt({ owner: "owner", fingerprint });
    if (orphan !== undefined) adopted += 1;
    const job = orphan ?? (await bench.submit({ fingerprint, isWaitedFor: true }));
    const ended = isTerminal(job) ? job : await endOf(bench, job.id);
    receive(fingerprint);
    return ended;
  }

  return {
    allAnswered: all.promise,
    get kills() {
      return kills;
    },
    get adopted() {
      return adopted;
    },
    hear({ stage, id }: Call): string | undefined {
      if (stage === "answered") receive(id);
      if (stage !== "next") return undefined;
      // What a process said before it died may come afterwards.
      const request = dead.has(id) ? undefined : toAsk.shift();
      if (request !== undefined) waiting.set(request, id);
      return request;
    },
    /** A worker has said something: at some such moments the web process dies. */
    maybeKill(kill: () => void): void {
      heard += 1;
      if (heard < next || kills === KILLS || waiting.size === 0) return;
      next = heard + 1 + Math.floor(Math.random() * ((5 * REQUESTS) / KILLS / 2));
      kills += 1;
      kill();
      for (const [request, pid] of waiting) {
        dead.add(pid);
        void askAgain(request);
      }
      waiting.clear();
    },
  };
}
