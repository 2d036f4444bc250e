import type { Clock, JobNotifier } from "../../ports";
import { NOTICE_DELAYS_MS, NOTICE_LIMIT_MS } from "../notice-delays";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { textsOf } from "./reply";
import { TAKE_NOTICES } from "./scripts/notices";

const EVERY_MS = 1_000;
/** Beyond what an attempt may take: whoever has died in the midst of one leaves it to another. */
const LEASE_MS = 3 * NOTICE_LIMIT_MS;

/** Tells webhooks of the ends of jobs. Any process does it that may; what one that dies was about to tell another tells. */
export interface Notices {
  start(notify: JobNotifier): void;
  /** Attempts under way may end within their own time. */
  close(): Promise<void>;
}

export function createNotices(options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly clock: Clock;
}): Notices {
  const { connections, keys, ledger, clock } = options;
  const attempts = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  async function attempt(notify: JobNotifier, id: string, failures: number): Promise<void> {
    const row = await ledger.readEnded(id);
    const said = row && (await notify(row.record, AbortSignal.timeout(NOTICE_LIMIT_MS)));
    const delay = said === "again" ? NOTICE_DELAYS_MS[failures + 1] : undefined;
    await connections.askAll((pipeline) => {
      if (delay !== undefined) pipeline.zadd(keys.notices, clock() + delay, id);
      else pipeline.zrem(keys.notices, id);
      if (delay === undefined && row?.isGone === true) pipeline.del(keys.job(id));
    });
  }

  async function look(notify: JobNotifier): Promise<void> {
    if (isLooking || !connections.isUp()) return;
    isLooking = true;
    try {
      const taken = textsOf(
        await connections.run(TAKE_NOTICES, keys.notices, keys.prefix, clock(), LEASE_MS),
      );
      for (let at = 0; at < taken.length; at += 2) {
        const trying = attempt(notify, taken[at] ?? "", Number(taken[at + 1]))
          // Redis is away, or the notifier broke its word: it is due again when its lease ends.
          .catch(() => {})
          .finally(() => attempts.delete(trying));
        attempts.add(trying);
      }
    } catch {
      // The next round finds all of it.
    } finally {
      isLooking = false;
    }
  }

  return {
    start(notify) {
      timer = setInterval(() => void look(notify), EVERY_MS).unref();
    },
    async close() {
      clearInterval(timer);
      await Promise.all(attempts);
    },
  };
}
