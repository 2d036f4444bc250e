import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { JobRecord } from "../../../lib/ports";
import { isTerminal } from "../../../lib/ports";
import { startChild } from "../../stores/child";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, openBench, type RedisBench } from "./bench";

const IS_LONG = process.env["LONG"] === "1";
const JOBS = IS_LONG ? 200 : 40;
const KILLS = IS_LONG ? 20 : 3;
const LOCK_SECONDS = IS_LONG ? 3 : 1;
const STAGES = ["claimed", "marked", "paid", "saved"];
/** For what stands around the lock: the machine is busy with starting other workers. */
const SLACK_MS = 1_500;

afterEach(closeBenches);

describeWithRedis("workers that are killed", (redis) => {
  it(
    `lose none of ${JOBS} jobs and pay for none twice, killed ${KILLS} times`,
    async () => {
      const bench = await openBench(redis().url, { role: "web", lockSeconds: LOCK_SECONDS });
      const upstream = await startUpstream(bench, redis().url);
      const ends = await Promise.all(Array.from({ length: JOBS }, () => endOf(bench)));
      await upstream.close();

      expect(ends.map(({ status, error }) => error?.code ?? status).filter(isUnforeseen)).toEqual([]);
      expect(upstream.kills).toHaveLength(KILLS);
      expect([...upstream.paid.values()].filter((times) => times > 1)).toEqual([]);
      const wrong = ends.filter(({ id, status }) =>
        status === "completed" ? !upstream.paid.has(id) : !upstream.kills.some(({ held }) => held.has(id)),
      );
      expect(wrong).toEqual([]);
      const late = ends.filter(({ id, completedAt = 0 }) => {
        const killed = upstream.kills.findLast(({ held }) => held.has(id));
        return killed !== undefined && completedAt - killed.at > 2 * LOCK_SECONDS * 1_000 + SLACK_MS;
      });
      expect(late).toEqual([]);
    },
    IS_LONG ? 300_000 : 30_000,
  );
});

const isUnforeseen = (end: string) => end !== "completed" && end !== "worker_lost";

/** Submits a job and waits for its end. */
async function endOf(bench: RedisBench): Promise<JobRecord> {
  const { id } = await bench.submit({ limits: { running: 8, queued: JOBS } });
  const end = new Promise<JobRecord>((resolve, reject) => {
    const hear = (job: JobRecord) => {
      if (isTerminal(job)) resolve(job);
    };
    Promise.resolve(bench.queue.follow(id, hear)).then(async () => {
      const job = await bench.queue.get(id);
      if (job !== undefined) hear(job);
    }, reject);
  });
  return end;
}

/** What the workers call, and what kills them at moments that nobody can foresee. */
async function startUpstream(bench: RedisBench, url: string) {
  const paid = new Map<string, number>();
  const kills: { readonly at: number; readonly held: ReadonlySet<string> }[] = [];
  const holders = new Map<string, number>();
  const workers: ChildProcess[] = [];
  let heard = 0;
  let next = 10;
  let isOver = false;

  const server = createServer((request, response) => {
    const [, seat = "", stage = "", id = ""] = request.url?.split("/") ?? [];
    if (stage === "paid") paid.set(id, (paid.get(id) ?? 0) + 1);
    holders.set(id, Number(seat));
    heard += 1;
    if (STAGES.includes(stage) && heard >= next && kills.length < KILLS) kill(Number(seat));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;

  function hire(seat: number): void {
    const args = [url, bench.prefix, `${LOCK_SECONDS}`, `http://127.0.0.1:${port}/${seat}`];
    const worker = startChild('require("./__tests__/jobs/bullmq/worker.ts")', { args });
    worker.stderr.on("data", (data) => process.stderr.write(data));
    worker.once("exit", () => {
      if (!isOver) hire(seat);
    });
    workers[seat] = worker;
  }

  function kill(seat: number): void {
    const held = [...holders].filter(([, holder]) => holder === seat).map(([id]) => id);
    kills.push({ at: Date.now(), held: new Set(held) });
    next = heard + 1 + Math.floor(Math.random() * ((3 * JOBS) / KILLS));
    workers[seat]?.kill("SIGKILL");
  }

  hire(0);
  hire(1);
  return {
    paid,
    kills,
    async close() {
      isOver = true;
      const gone = workers.map((worker) => once(worker, "exit"));
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(gone);
      server.closeAllConnections();
      server.close();
    },
  };
}
