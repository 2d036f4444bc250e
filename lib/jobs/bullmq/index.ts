import type { JobQueue, JobRunner } from "../../ports";
import { isTerminal } from "../../ports";
import { draining } from "../../ports/common-errors";
import { numbered, settled, updated } from "../changes";
import { cancelled } from "../ends";
import { createFeed } from "../feed";
import { isDoneWithin } from "../is-done-within";
import { connect } from "./connections";
import { type Crew, createCrew } from "./crew";
import { createHolds, type Hold } from "./holds";
import { keysOf } from "./keys";
import { createLedger } from "./ledger";
import { createListing } from "./listing";
import { createNews } from "./news";
import { createNotices } from "./notices";
import { type BullmqJobsOptions, type RedisAddress, resolveOptions } from "./options";
import { createOrphans } from "./orphans";
import { patiently } from "./patience";
import { createPlaced } from "./places";
import { createPreviews } from "./previews";
import { whileLive } from "./row";
import { STOP } from "./scripts/stop";
import { createSubmission } from "./submission";
import { createSweeper } from "./sweeper";
import { createTickets } from "./tickets";
import { createWaiters } from "./waiters";

export type { BullmqJobsOptions, RedisAddress };

/**
 * Jobs in Redis, for one gateway in many processes. Each of them takes jobs and tells of them; those that work share the work.
 *
 * Opens connections of its own, which `close` ends. `ready` waits for Redis, and rejects when Redis may throw jobs away.
 *
 * @throws Error when an option is missing, unknown or out of range
 * @example
 * ```ts
 * import { bullmqJobs } from "express-image-gateway/jobs/bullmq";
 *
 * const jobs = bullmqJobs({ redis: "redis://127.0.0.1:6379", role: "web" });
 * ```
 */
export function bullmqJobs(options: BullmqJobsOptions): JobQueue {
  const {
    redis,
    role,
    prefix,
    maxQueued,
    lockSeconds,
    clock,
    logger: log,
    concurrencyOf,
    ...rest
  } = resolveOptions(options);
  const ttlMs = rest.ttlSeconds * 1_000;
  const keys = keysOf(prefix);
  const connections = connect(redis, log);
  const feed = createFeed();
  const holds = createHolds();
  const tickets = createTickets(connections, keys);
  const ledger = createLedger({ connections, keys, tickets, feed, clock, log });
  const placed = createPlaced(connections, keys, clock);
  const list = createListing(connections, keys, ledger, placed);
  const news = createNews(connections, keys, ledger, onControl);
  const previews = createPreviews(connections, keys, clock);
  const notices = createNotices({ connections, keys, ledger, clock });
  const sweeper = createSweeper({ connections, keys, ledger, tickets, news, placed, clock, ttlMs, alsoLook });
  const waiters = createWaiters(connections, keys);
  const { withdraw, ...orphans } = createOrphans({ connections, keys, ledger, waiters, clock, ttlMs });
  const submit = createSubmission({
    connections,
    keys,
    ledger,
    tickets,
    feed,
    waiters,
    clock,
    maxQueued,
    ttlMs,
    retract: remove,
  });
  let crew: Crew | undefined;
  let hasRunner = false;
  let closed: Promise<void> | undefined;

  function onControl(message: string | undefined): void {
    const [word, id = ""] = message?.split(" ") ?? [];
    if (word === "stop") holds.get(id)?.cancel();
    if (word === "provider" || word === undefined) crew?.lookForProviders().catch(() => {});
    // A claim reads its job again, and with it what it was told meanwhile.
    if (word === undefined) for (const hold of holds.all()) lookAgain(hold).catch(() => {});
  }

  async function alsoLook(): Promise<void> {
    await crew?.lookForProviders();
  }

  async function lookAgain(hold: Hold): Promise<void> {
    const row = await patiently(
      () => ledger.read(hold.id),
      () => !hold.isLost,
    );
    if (row === undefined || row.isStopped) hold.cancel();
  }

  /** What is said of a job at work counts only under its claim. */
  function speaks(hold: Hold | undefined, status: string): boolean {
    return hold === undefined ? status !== "in_progress" : !hold.isLost;
  }

  async function remove(id: string) {
    const ended = await ledger.change(id, ({ record }) =>
      isTerminal(record) ? record : { record: settled(record, cancelled(), clock(), ttlMs), what: "end" },
    );
    if (ended === undefined) return undefined;
    holds.get(id)?.cancel();
    await connections.run(STOP, keys.job(id), keys.prefix, id);
    tickets.remove(id, ended.provider);
    await ledger.forget(id);
    return ended;
  }

  async function shutDown(timeoutMs: number, readers: Promise<unknown> | undefined): Promise<void> {
    // The promise of close must be known before a listener can ask for it again.
    await null;
    sweeper.stop();
    const heard = Promise.all([waiters.idle(), readers]);
    await Promise.all([crew?.finish(timeoutMs), isDoneWithin(timeoutMs, heard)]);
    await tickets.close();
    news.close();
    previews.close();
    await notices.close();
    await waiters.close();
    feed.close();
    connections.close();
  }

  return {
    isShared: true,
    previews,
    ready: () => connections.ready(),

    async submit(job, admission) {
      if (closed !== undefined) throw draining();
      const accepted = await submit(job, admission);
      // It is taken in: a place that Redis does not tell is no reason to refuse it.
      const [told] = await placed([accepted]).catch(() => [accepted]);
      return told ?? accepted;
    },

    work(run: JobRunner) {
      if (hasRunner) throw new Error("The queue has a runner already.");
      hasRunner = true;
      if (role === "web") return;
      const lockMs = lockSeconds * 1_000;
      crew = createCrew({
        connections,
        keys,
        ledger,
        holds,
        clock,
        log,
        ttlMs,
        lockMs,
        concurrencyOf,
        run,
      });
      crew.lookForProviders().catch(() => {});
    },

    async get(id) {
      const row = await ledger.read(id);
      return row && (await placed([row.record]))[0];
    },

    list,

    async update(id, change) {
      const hold = holds.get(id);
      const decide = whileLive(({ record }) => {
        if (!speaks(hold, record.status)) return undefined;
        const next = updated(record, change);
        return next === undefined ? record : { record: next, what: "change" };
      });
      return ledger.change(id, decide, hold);
    },

    async settle(id, outcome) {
      const hold = holds.get(id);
      const decide = whileLive(({ record, isStopped }) => {
        if (!speaks(hold, record.status)) return undefined;
        // Nothing was begun: another process does it.
        if (hold?.isLeaving && !hold.isMarked && !isStopped && outcome.status !== "completed") {
          hold.lose();
          return undefined;
        }
        const end = isStopped && outcome.status !== "cancelled" ? cancelled() : outcome;
        return { record: settled(record, end, clock(), ttlMs), what: "end" };
      });
      return ledger.change(id, decide, hold);
    },

    async nextSeq(id) {
      const hold = holds.get(id);
      const decide = whileLive(({ record }) =>
        speaks(hold, record.status) ? { record: numbered(record), what: "quiet" } : undefined,
      );
      return (await ledger.change(id, decide, hold))?.seq;
    },

    async cancel(id, { ifOrphan = false } = {}) {
      if (ifOrphan && !(await withdraw(id))) return undefined;
      const job = await ledger.change(id, ({ record }) =>
        record.status === "queued"
          ? { record: settled(record, cancelled(), clock(), ttlMs), what: "end" }
          : record,
      );
      if (job?.status === "cancelled") tickets.remove(id, job.provider);
      // It has ended since it was withdrawn: a retry may come for that.
      if (ifOrphan && job?.fingerprint !== undefined && isTerminal(job) && job.status !== "cancelled") {
        await orphans.abandon(id, job.fingerprint);
        return undefined;
      }
      if (job?.status !== "in_progress") return job;
      holds.get(id)?.cancel();
      await connections.run(STOP, keys.job(id), keys.prefix, id);
      return (await ledger.read(id))?.record ?? job;
    },

    notify: notices.start,
    remove,
    ...orphans,
    answered: waiters.answered,
    watch: feed.watch,
    follow: news.follow,

    close({ timeoutMs, readers }) {
      closed ??= shutDown(timeoutMs, readers);
      return closed;
    },
  };
}
