import { randomUUID } from "node:crypto";
import type { Worker } from "bullmq";
import type { Clock, JobRecord, JobRunner, Logger } from "../../ports";
import { isTerminal } from "../../ports";
import { settled, started } from "../changes";
import { cancelled, failed, queueTimeout, unsettled } from "../ends";
import { isDoneWithin } from "../is-done-within";
import type { Connections } from "./connections";
import type { Hold, Holds } from "./holds";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { loadBullmq } from "./library";
import { patiently } from "./patience";
import { type Row, type Step, whileLive } from "./row";
import { MARK } from "./scripts/mark";
import { queueName } from "./tickets";

/** How long work that was told to stop may take to do so. */
const GRACE_MS = 1_500;
/** How long BullMQ may take to let its connections go. */
const CLOSE_MS = 2_000;
/** A worker that dies is no fault of the job: what became of its paid calls is told by the marks. */
const ANY_NUMBER_OF_DEATHS = 1_000_000_000;

/** The workers of this process, one for each provider. */
export interface Crew {
  /** Takes providers on that had no job before. */
  lookForProviders(): Promise<void>;
  /** Takes no new jobs; waits, then tells the rest to stop. Jobs of which no call was made go to other processes. */
  finish(timeoutMs: number): Promise<void>;
}

export function createCrew(options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly holds: Holds;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ttlMs: number;
  readonly lockMs: number;
  readonly run: JobRunner;
  concurrencyOf(provider: string): number;
}): Crew {
  const { connections, keys, ledger, holds, clock, log, ttlMs, lockMs } = options;
  const library = loadBullmq();
  const workers = new Map<string, Worker>();
  let isClosing = false;

  function firstStep({ record, isStopped, startBy }: Row): Step {
    if (isStopped) return { record: settled(record, cancelled(), clock(), ttlMs), what: "end" };
    // Somebody had it before and died.
    if (record.status === "in_progress") return { record, what: "claim" };
    if (clock() > startBy)
      return { record: settled(record, failed(queueTimeout()), clock(), ttlMs), what: "end" };
    return { record: started(record, clock()), what: "begin" };
  }

  async function begin(hold: Hold): Promise<JobRecord | undefined> {
    const isOurs = () => !hold.isLost;
    hold.known = await patiently(() => ledger.read(hold.id), isOurs);
    if (hold.known === undefined) {
      await ledger.forget(hold.id);
      return undefined;
    }
    const job = await ledger.change(hold.id, whileLive(firstStep), hold);
    hold.isWritten = true;
    return job === undefined || isTerminal(job) ? undefined : job;
  }

  async function markDispatch(hold: Hold, callKey: string): Promise<boolean> {
    const nonce = randomUUID();
    hold.isMarked = true;
    const mark = () => connections.run(MARK, keys.job(hold.id), hold.claim, callKey, nonce);
    const answer = await patiently(mark, () => !hold.isLost && !hold.signal.aborted);
    if (answer === "lost") hold.lose();
    return answer === "new";
  }

  async function perform(job: JobRecord, hold: Hold): Promise<void> {
    const { id, signal } = hold;
    try {
      await options.run({ job, signal, markDispatch: (key) => markDispatch(hold, key) });
    } catch {
      // A runner that rejects has not settled its job: that is what the caller is told.
    }
    // Nothing was begun: another process does it.
    if (hold.isLeaving && !hold.isMarked) hold.lose();
    if (hold.isLost) return;
    const unsaid = whileLive(({ record, isStopped }) => {
      const outcome = isStopped ? cancelled() : failed(unsettled());
      return { record: settled(record, outcome, clock(), ttlMs), what: "end" };
    });
    await ledger.change(id, unsaid, hold);
  }

  /** Gives whether the job is to go to another process. */
  async function take(id: string): Promise<boolean> {
    // One that this process has lost before has to be over here first.
    await holds.get(id)?.done;
    if (isClosing) return true;
    const hold = holds.take(id);
    try {
      const job = await begin(hold);
      if (job === undefined) return false;
      await perform(job, hold);
      return hold.isLeaving && hold.isLost;
    } finally {
      hold.end();
    }
  }

  function employ(provider: string): void {
    const worker = new library.Worker(
      queueName(provider),
      async (ticket, lock) => {
        if (!(await take(ticket.id ?? ""))) return;
        await ticket.moveToWait(lock);
        throw new library.WaitingError();
      },
      {
        connection: connections.worker(),
        prefix: keys.tickets,
        concurrency: options.concurrencyOf(provider),
        lockDuration: lockMs,
        stalledInterval: Math.ceil(lockMs / 3),
        maxStalledCount: ANY_NUMBER_OF_DEATHS,
        runRetryDelay: 1_000,
      },
    );
    worker.on("error", () => {
      log.debug({ code: "worker_error", provider }, "a worker could not reach Redis");
    });
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) holds.get(id)?.lose();
    });
    workers.set(provider, worker);
  }

  return {
    async lookForProviders() {
      const known = await connections.ask((redis) => redis.smembers(keys.providers));
      for (const provider of known) if (!isClosing && !workers.has(provider)) employ(provider);
    },
    async finish(timeoutMs) {
      isClosing = true;
      const all = [...workers.values()];
      await Promise.all(all.map((worker) => worker.pause(true).catch(() => {})));
      const done = Promise.all(holds.all().map((hold) => hold.done));
      let isDone = await isDoneWithin(timeoutMs, done);
      if (!isDone) {
        for (const hold of holds.all()) hold.leave();
        isDone = await isDoneWithin(GRACE_MS, done);
        for (const hold of holds.all()) hold.lose();
      }
      const closed = Promise.all(all.map((worker) => worker.close(!isDone).catch(() => {})));
      await isDoneWithin(CLOSE_MS, closed);
    },
  };
}
