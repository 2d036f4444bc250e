import { defined } from "../../internal/defined";
import type { JobOutcome, JobQueue, JobRecord, JobRunner, NewJob } from "../../ports";

import { isTerminal } from "../../ports";
import { draining } from "../../ports/common-errors";
import { created, moved, numbered, type Place, settled, started, updated } from "../changes";
import { cancelled, concurrencyLimit, failed, queueFull, queueTimeout } from "../ends";
import { createFeed } from "../feed";
import { createRecentEnds } from "../recent-ends";
import { adopted, orphaned } from "../reuse";
import { createClaims } from "./claims";
import { createCrew } from "./crew";
import { createNotices } from "./notices";
import { type MemoryJobsOptions, resolveOptions } from "./options";
import { createRecords } from "./records";
import { createWaitingLine, type Waiting } from "./waiting-line";

export type { MemoryJobsOptions };

/**
 * Jobs in the memory of this process: they end with it.
 *
 * @throws TypeError when an option is unknown or out of range
 * @example
 * ```ts
 * import { memoryJobs } from "express-image-gateway/jobs/memory";
 *
 * const jobs = memoryJobs({ maxRunning: 16, maxQueued: 200 });
 * ```
 */
export function memoryJobs(options: MemoryJobsOptions = {}): JobQueue {
  const { maxRunning, maxQueued, maxKept, ttlSeconds, clock } = resolveOptions(options);
  const records = createRecords({ maxKept, clock, onGone: (job) => claims.forget(job) });
  const claims = createClaims(records);
  const feed = createFeed();
  const line = createWaitingLine({ clock, onLate, onMoved });
  const crew = createCrew(onDone);
  const recent = createRecentEnds();
  const notices = createNotices();
  let run: JobRunner | undefined;
  let closed: Promise<void> | undefined;

  function live(id: string): JobRecord | undefined {
    const job = records.get(id);
    return job === undefined || isTerminal(job) ? undefined : job;
  }

  function write(job: JobRecord): JobRecord {
    records.put(job);
    feed.tell(job);
    return job;
  }

  function end(job: JobRecord, outcome: JobOutcome): JobRecord {
    line.leave(job.id);
    const ended = write(settled(job, outcome, clock(), ttlSeconds * 1_000));
    recent.add(ended);
    notices.ended(ended);
    return ended;
  }

  function placeAt(queuePosition: number): Place {
    const ms = recent.waitMs(queuePosition);
    return defined({ queuePosition, expectedStartAt: ms === undefined ? undefined : clock() + ms });
  }

  function mayRun({ limitKey, limits }: Pick<Waiting, "limitKey" | "limits">): boolean {
    return crew.size < maxRunning && crew.sizeOf(limitKey) < limits.running;
  }

  /** A job that nobody is ahead of does not go through the line. Whoever hears of it may stop it, close the queue, or submit another one. */
  function startNew(job: NewJob, waiting: Waiting): JobRecord {
    crew.hold(waiting.limitKey);
    try {
      return write(created(job, clock()));
    } finally {
      crew.letGo(waiting.limitKey);
      const heard = live(job.id);
      if (heard !== undefined && run !== undefined && closed === undefined) start(heard, run);
      else if (heard !== undefined) line.join(waiting);
      startNext();
    }
  }

  /** @param waits it has a place that is told; else it goes behind those whose own limits keep them, and on at once */
  function queueNew(job: NewJob, waiting: Waiting, waits: boolean): JobRecord {
    const place = line.join(waiting);
    const accepted = write(created(job, clock(), waits ? placeAt(place) : undefined));
    startNext();
    return accepted;
  }

  /** Every change that may give a job its turn ends here, so that no place stays empty while one could run. */
  function startNext(): void {
    while (run !== undefined && closed === undefined && crew.size < maxRunning) {
      const waiting = line.take(mayRun);
      const job = waiting && live(waiting.id);
      if (waiting === undefined || job === undefined) return;
      if (clock() > waiting.startBy) end(job, failed(queueTimeout()));
      else start(job, run);
    }
  }

  function start(job: JobRecord, runner: JobRunner): void {
    const begun = started(job, clock());
    crew.start(begun, runner);
    write(begun);
  }

  function onLate(id: string): void {
    const job = live(id);
    if (job === undefined) return;
    end(job, failed(queueTimeout()));
    startNext();
  }

  function onMoved(ids: readonly string[]): void {
    for (const [index, id] of ids.entries()) {
      const job = live(id);
      // A listener that hears of one job may have stopped another.
      const next = job?.status === "queued" ? moved(job, placeAt(index + 1)) : undefined;
      if (next !== undefined) write(next);
    }
  }

  function onDone(id: string, unsaid: () => JobOutcome): void {
    const job = live(id);
    if (job !== undefined) end(job, unsaid());
    startNext();
  }

  async function shutDown(timeoutMs: number): Promise<void> {
    // The promise of close must be known before a listener can ask for it again.
    await null;
    for (const id of line.ids()) {
      const job = live(id);
      if (job !== undefined) end(job, failed(draining()));
    }
    for (const id of await crew.finish(timeoutMs)) {
      const job = live(id);
      if (job !== undefined) end(job, crew.verdict(id, failed(draining())));
    }
    line.close();
    feed.close();
    await notices.close();
  }

  return {
    async submit(job, { limits, startBy }) {
      if (closed !== undefined) throw draining();
      if (records.get(job.id) !== undefined) throw new Error("The queue has a job of this id already.");
      const { id, limitKey, idempotencyKey } = job;
      const same = idempotencyKey === undefined ? undefined : claims.bearing(idempotencyKey);
      if (same !== undefined) return same;
      const waits = run === undefined || line.sizeOf(limitKey) > 0 || !mayRun({ limitKey, limits });
      if (waits && line.sizeOf(limitKey) >= limits.queued) throw concurrencyLimit();
      if (waits && line.size >= maxQueued) throw queueFull();
      if (idempotencyKey !== undefined) claims.bear(idempotencyKey, id);
      const waiting = { id, limitKey, limits, startBy: waits ? startBy : Number.POSITIVE_INFINITY };
      const accepted = !waits && line.size === 0 ? startNew(job, waiting) : queueNew(job, waiting, waits);
      return records.get(id) ?? accepted;
    },

    work(runner) {
      if (run !== undefined) throw new Error("The queue has a runner already.");
      run = runner;
      startNext();
    },

    notify: notices.start,

    async get(id) {
      return records.get(id);
    },

    async list(query) {
      return records.page(query);
    },

    async update(id, change) {
      const job = live(id);
      if (job === undefined) return undefined;
      const next = updated(job, change);
      return next === undefined ? job : write(next);
    },

    async settle(id, outcome) {
      const job = live(id);
      if (job === undefined) return undefined;
      const ended = end(job, crew.verdict(id, outcome));
      startNext();
      return ended;
    },

    async nextSeq(id) {
      const job = live(id);
      if (job === undefined) return undefined;
      const next = numbered(job);
      records.put(next);
      return next.seq;
    },

    async cancel(id, { ifOrphan = false } = {}) {
      const job = live(id);
      if (ifOrphan && (job === undefined || !claims.withdraw(id))) return undefined;
      if (job === undefined) return records.get(id);
      if (job.status === "in_progress") crew.cancel(id);
      else end(job, cancelled());
      startNext();
      return records.get(id) ?? job;
    },

    async remove(id) {
      const job = live(id);
      // Ended first: whoever waits for the job hears that it is over, and what its runner says later counts no more.
      const last = job === undefined ? records.get(id) : end(job, cancelled());
      if (job !== undefined) crew.cancel(id);
      records.delete(id);
      startNext();
      return last;
    },

    async abandon(id, fingerprint) {
      const job = records.get(id);
      if (job === undefined) return;
      const orphan = orphaned(job, clock(), fingerprint);
      records.put(orphan);
      claims.abandoned(orphan);
    },

    async adopt({ owner, fingerprint }) {
      const orphan = claims.adopt(owner, fingerprint);
      if (orphan === undefined) return undefined;
      const job = adopted(orphan);
      records.put(job);
      return job;
    },

    watch: feed.watch,
    follow: feed.follow,

    close({ timeoutMs }) {
      closed ??= shutDown(timeoutMs);
      return closed;
    },
  };
}
