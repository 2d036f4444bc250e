import { describeWithRedis } from "../../support/redis";
import { closeBenches, endOf, openBench } from "./bench";
import { type Call, startUpstream, type Upstream } from "./upstream";

const IS_LONG = process.env["LONG"] === "1";
const JOBS = IS_LONG ? 200 : 40;
const KILLS = IS_LONG ? 20 : 3;
const LOCK_SECONDS = IS_LONG ? 3 : 1;
const STAGES = ["claimed", "marked", "paid", "saved"];
/** For what stands around the lock: the machine is busy with starting other workers. */
const SLACK_MS = 1_500;
const FREEZE_MS = 2.5 * LOCK_SECONDS * 1_000;

afterEach(closeBenches);

const kill = (upstream: Upstream, seat: number) => upstream.kill(seat);
const freeze = (upstream: Upstream, seat: number) => upstream.freeze(seat, FREEZE_MS);

describeWithRedis("workers that fail", (redis) => {
  it.each([
    { how: "killed", fell: kill, lastsMs: 0 },
    { how: "stopped for longer than their lock", fell: freeze, lastsMs: FREEZE_MS },
  ])(
    `lose none of ${JOBS} jobs and pay for none twice, $how ${KILLS} times`,
    async ({ fell, lastsMs }) => {
      const bench = await openBench(redis().url, { role: "web", lockSeconds: LOCK_SECONDS });
      const death = createDeath((seat) => fell(upstream, seat));
      const upstream = await startUpstream(death.hear);
      for (const seat of [0, 1]) {
        upstream.hire(seat, "worker.ts", redis().url, bench.prefix, `${LOCK_SECONDS}`);
      }
      const work = async () => {
        const { id } = await bench.submit({ limits: { running: 8, queued: JOBS } });
        return endOf(bench, id);
      };
      const ends = await Promise.all(Array.from({ length: JOBS }, work));
      await upstream.close();

      expect(ends.map(({ status, error }) => error?.code ?? status).filter(isUnforeseen)).toEqual([]);
      expect(death.kills).toHaveLength(KILLS);
      expect([...upstream.paid.values()].filter((times) => times > 1)).toEqual([]);
      // On a busy machine a lock may run out without a kill: `worker_lost` is then as right as after one.
      const wrong = ends.filter(({ id, status }) => status === "completed" && !upstream.paid.has(id));
      expect(wrong).toEqual([]);
      const late = ends.filter(({ id, completedAt = 0 }) => {
        const killed = death.kills.findLast(({ held }) => held.has(id));
        return (
          killed !== undefined && completedAt - killed.at > 2 * LOCK_SECONDS * 1_000 + SLACK_MS + lastsMs
        );
      });
      expect(late).toEqual([]);
    },
    IS_LONG ? 300_000 : 30_000,
  );
});

const isUnforeseen = (end: string) => end !== "completed" && end !== "worker_lost";

/** Fells workers at moments that nobody can foresee. */
function createDeath(fell: (seat: number) => void) {
  const kills: { readonly at: number; readonly held: ReadonlySet<string> }[] = [];
  const holders = new Map<string, number>();
  let heard = 0;
  let next = 10;
  return {
    kills,
    hear({ seat, stage, id }: Call): undefined {
      holders.set(id, seat);
      heard += 1;
      if (!STAGES.includes(stage) || heard < next || kills.length >= KILLS) return;
      const held = [...holders].filter(([, holder]) => holder === seat).map(([job]) => job);
      kills.push({ at: Date.now(), held: new Set(held) });
      next = heard + 1 + Math.floor(Math.random() * ((3 * JOBS) / KILLS));
      fell(seat);
    },
  };
}
