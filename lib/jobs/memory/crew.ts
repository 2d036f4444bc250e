import { Roster } from "../../internal/roster";
import { Stop } from "../../internal/stop";
import type { JobOutcome, JobRecord, JobRunner } from "../../ports";

import { draining } from "../../ports/common-errors";
import { cancelled, failed, jobCancelled, unsettled } from "../ends";
import { isDoneWithin } from "../is-done-within";

/** How long work that was told to stop may take to do so; its own stragglers are left behind after a second, and may then say why. */
const GRACE_MS = 1_500;

/** The jobs at work: each from its start until its runner has come back, be the job settled or not; and places that are held. */
export interface Crew {
  readonly size: number;
  sizeOf(limitKey: string): number;
  /** Keeps a place for a job that is about to start. */
  hold(limitKey: string): void;
  letGo(limitKey: string): void;
  /** Calls the runner, not before this call has returned. */
  start(job: JobRecord, run: JobRunner): void;
  cancel(id: string): void;
  /** How the job really ends when `outcome` is what is said of it: one that was cancelled does not succeed. */
  verdict(id: string, outcome: JobOutcome): JobOutcome;
  /** Waits, then tells the rest to stop. Gives the ids of those that did not. */
  finish(timeoutMs: number): Promise<readonly string[]>;
}

interface Work {
  readonly stop: Stop;
  readonly done: Promise<void>;
  isCancelled: boolean;
}

/** @param onDone hears of each runner that came back, and can ask how its job ends if nobody has settled it */
export function createCrew(onDone: (id: string, unsaid: () => JobOutcome) => void): Crew {
  const works = new Roster<string, Work>();
  const counts = new Map<string, number>();
  let held = 0;

  const count = (key: string, change: 1 | -1) => {
    const next = (counts.get(key) ?? 0) + change;
    if (next === 0) counts.delete(key);
    else counts.set(key, next);
  };

  const verdict = (id: string, outcome: JobOutcome) =>
    works.get(id)?.isCancelled && outcome.status !== "cancelled" ? cancelled() : outcome;

  const perform = async (job: JobRecord, signal: Stop, run: JobRunner) => {
    const dispatched = new Set<string>();
    const markDispatch = async (callKey: string) => {
      const isNew = !dispatched.has(callKey);
      dispatched.add(callKey);
      return isNew;
    };
    await null;
    try {
      if (!signal.aborted) await run({ job, signal, markDispatch });
    } catch {
      // A runner that rejects has not settled its job: that is what the caller is told.
    }
    const isCancelled = works.get(job.id)?.isCancelled;
    works.delete(job.id);
    count(job.limitKey, -1);
    const unsaid = () => failed(signal.aborted ? draining() : unsettled());
    onDone(job.id, isCancelled ? cancelled : unsaid);
  };

  return {
    get size() {
      return works.size + held;
    },
    sizeOf: (limitKey) => counts.get(limitKey) ?? 0,
    hold(limitKey) {
      held += 1;
      count(limitKey, 1);
    },
    letGo(limitKey) {
      held -= 1;
      count(limitKey, -1);
    },
    start(job, run) {
      const stop = new Stop();
      count(job.limitKey, 1);
      works.set(job.id, { stop, done: perform(job, stop, run), isCancelled: false });
    },
    cancel(id) {
      const work = works.get(id);
      if (work === undefined) return;
      work.isCancelled = true;
      work.stop.abort(jobCancelled());
    },
    verdict,
    async finish(timeoutMs) {
      const all = Promise.all(works.values().map(({ done }) => done));
      if (await isDoneWithin(timeoutMs, all)) return [];
      for (const { stop } of works.values()) stop.abort(draining());
      await isDoneWithin(GRACE_MS, all);
      return [...works.keys()];
    },
  };
}
