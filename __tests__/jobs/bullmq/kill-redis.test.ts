import { setTimeout as delay } from "node:timers/promises";
import { describeWithRedis, type RedisServer } from "../../support/redis";
import { closeBenches, endOf, openBench } from "./bench";
import { startUpstream } from "./upstream";

const IS_LONG = process.env["LONG"] === "1";
const JOBS = IS_LONG ? 200 : 40;
const OUTAGES = IS_LONG ? 20 : 2;
/** Shorter and longer than a command has. */
const PAUSES_MS = [500, 4_000];
/** A job whose handing out nobody heard of waits for as long, and a third more. A silent Redis must not outlast it. */
const DEATH_LOCK_SECONDS = "5";
const SILENCE_LOCK_SECONDS = "30";
const AOF = ["--appendonly", "yes", "--appendfsync", "always"];

afterEach(closeBenches);

describeWithRedis(
  "a Redis that fails while workers are at work",
  (redis) => {
    it.each([
      ["dies and comes back", dies, DEATH_LOCK_SECONDS],
      ["is silent for a while", isSilent, SILENCE_LOCK_SECONDS],
    ])(
      `loses none of ${JOBS} jobs and has none paid twice when it ${OUTAGES} times %s`,
      async (_how, fails, lockSeconds) => {
        const bench = await openBench(redis().url, { role: "web" });
        const outages = createOutages(() => fails(redis(), outages.count));
        const upstream = await startUpstream(outages.hear);
        const limits = { running: 8, queued: JOBS };
        const jobs = await Promise.all(Array.from({ length: JOBS }, () => bench.submit({ limits })));
        const ends = Promise.all(jobs.map(({ id }) => endOf(bench, id)));
        for (const seat of [0, 1]) upstream.hire(seat, "worker.ts", redis().url, bench.prefix, lockSeconds);

        expect((await ends).map(({ error, status }) => error?.code ?? status)).toEqual(
          jobs.map(() => "completed"),
        );
        await outages.over();
        await upstream.close();
        expect(outages.count).toBe(OUTAGES);
        expect([...upstream.paid.keys()].sort()).toEqual(jobs.map(({ id }) => id).sort());
        expect([...upstream.paid.values()].filter((times) => times !== 1)).toEqual([]);
      },
      IS_LONG ? 300_000 : 30_000,
    );
  },
  ...AOF,
);

async function dies(redis: RedisServer): Promise<void> {
  await redis.kill();
  await redis.restart();
}

async function isSilent(redis: RedisServer, count: number): Promise<void> {
  redis.pause();
  await delay(PAUSES_MS[count % PAUSES_MS.length]);
  redis.resume();
}

/** At moments that nobody can foresee, one at a time. */
function createOutages(fail: () => Promise<void>) {
  let outage: Promise<void> | undefined;
  let count = 0;
  let heard = 0;
  let next = 10;
  return {
    get count() {
      return count;
    },
    hear(): undefined {
      heard += 1;
      if (outage !== undefined || heard < next || count === OUTAGES) return;
      next = heard + 1 + Math.floor(Math.random() * ((3 * JOBS) / OUTAGES));
      count += 1;
      outage = fail().finally(() => {
        outage = undefined;
      });
    },
    async over() {
      await outage;
    },
  };
}
