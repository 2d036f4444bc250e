import { randomUUID } from "node:crypto";
import { type Clock, GatewayError, type JobQueue, type JobRecord } from "../../ports";
import { created } from "../changes";
import { concurrencyLimit, queueFull } from "../ends";
import type { Feed } from "../feed";
import { holdsKey } from "../reuse";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { staleMs } from "./orphans";
import { patiently } from "./patience";
import { toText } from "./record-text";
import { textsOf } from "./reply";
import { SUBMIT } from "./scripts/submit";
import type { Tickets } from "./tickets";
import { LEASE_MS, type Waiters } from "./waiters";

/** Takes jobs in. */
export const createSubmission = (options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly tickets: Tickets;
  readonly feed: Feed;
  readonly waiters: Waiters;
  readonly clock: Clock;
  readonly maxQueued: number;
  readonly ttlMs: number;
  /** Takes back a job of which it is not known whether it was taken in. */
  readonly retract: (id: string) => Promise<unknown>;
}): JobQueue["submit"] => {
  const { connections, keys, ledger, tickets, feed, waiters, clock, maxQueued, ttlMs } = options;

  /** The job that bears the key, as long as it answers for it. */
  async function bearing(id: string): Promise<JobRecord | undefined> {
    const row = await ledger.read(id);
    if (row !== undefined && holdsKey(row.record)) return row.record;
    // Expired by our clock, or none of ours: the sweep has not come by yet.
    await ledger.forget(id);
    return undefined;
  }

  const takeBack = (id: string) =>
    patiently(
      () => options.retract(id),
      () => true,
    ).catch(() => {});

  return async (job, { limits, startBy, isWaitedFor = false }) => {
    const { id, limitKey, owner, provider, fingerprint, idempotencyKey = "" } = job;
    const record = created(job, clock());
    const { base, state } = toText(record);
    const nonce = randomUUID();
    const places = [limits.running, limits.queued, maxQueued];
    const args = [keys.prefix, id, base, state, record.createdAt, startBy, limitKey, ...places];
    args.push(owner, provider, idempotencyKey, nonce);
    const waits = isWaitedFor && fingerprint !== undefined;
    if (waits) {
      args.push(waiters.self, `${owner}:${fingerprint}`, LEASE_MS, staleMs(ttlMs));
    }
    const ask = async () => textsOf(await connections.run(SUBMIT, keys.job(id), ...args));
    for (;;) {
      const [answer, ...told] = await ask().catch((error: unknown) => {
        // It may have been carried out all the same, and nobody would wait for the job.
        if (GatewayError.is(error) && !error.retry) void takeBack(id);
        throw error;
      });
      if (answer === "same") {
        const bearer = await bearing(told[0] ?? "");
        if (bearer !== undefined) return bearer;
        continue;
      }
      if (answer === "refused") throw told[0] === "queue_full" ? queueFull() : concurrencyLimit();
      if (answer === "taken") throw new Error("The queue has a job of this id already.");
      if (waits) waiters.began(id);
      feed.tell(record);
      if (answer === "goes") void tickets.add(told);
      return record;
    }
  };
};
