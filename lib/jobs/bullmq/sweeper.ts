import { defined } from "../../internal/defined";
import type { Clock } from "../../ports";
import { moved, settled } from "../changes";
import { failed, queueTimeout } from "../ends";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import type { News } from "./news";
import type { Placed } from "./places";
import { listsOf } from "./reply";
import { SWEEP } from "./scripts/sweep";
import type { Tickets } from "./tickets";

const EVERY_MS = 1_000;
/** Every so many rounds places are told anew, and new providers looked for. */
const MORE_EVERY = 2;
/** Every so many rounds it is seen whether the jobs that somebody follows are still there. */
const MISS_EVERY = 5;
/** How soon another process tries what this one could not hand to BullMQ. */
const HANDING_MS = 5_000;
/** How soon it is seen that BullMQ has lost a job. */
const TICKET_AGAIN_MS = 30_000;

/** Does what nobody is there to do: every process looks every second, and what one has done another does not find. */
export interface Sweeper {
  sweep(): Promise<void>;
  stop(): void;
}

export function createSweeper(options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly tickets: Tickets;
  readonly news: News;
  readonly placed: Placed;
  readonly clock: Clock;
  readonly ttlMs: number;
  /** Called now and then. */
  readonly alsoLook: () => Promise<void>;
}): Sweeper {
  const { connections, keys, ledger, tickets, news, placed, clock, ttlMs } = options;
  let round = 0;
  let isSweeping = false;

  async function endLate(id: string): Promise<void> {
    const ended = await ledger.change(id, ({ record, startBy }) => {
      if (record.status !== "queued" || clock() <= startBy) return record;
      return { record: settled(record, failed(queueTimeout()), clock(), ttlMs), what: "end" };
    });
    if (ended === undefined) await ledger.forget(id);
    else if (ended.status === "failed") tickets.remove(id, ended.provider);
  }

  async function handOver(due: readonly string[]): Promise<void> {
    const taken = await tickets.add(due);
    const again = clock() + TICKET_AGAIN_MS;
    if (taken.length === 0) return;
    await connections.ask((redis) => redis.zadd(keys.outbox, "XX", ...taken.flatMap((id) => [again, id])));
  }

  async function sweep(): Promise<void> {
    const reply = await connections.run(SWEEP, keys.outbox, keys.prefix, clock(), HANDING_MS);
    const [late = [], expired = [], due = []] = listsOf(reply);
    await handOver(due);
    for (const id of late) await endLate(id);
    for (const each of expired) {
      const [id = "", owner = ""] = each.split(" ");
      await ledger.forget(id, owner);
    }
  }

  async function tellPlaces(): Promise<void> {
    const heard = news.waiting();
    for (const [index, { queuePosition, expectedStartAt }] of (await placed(heard)).entries()) {
      const { id, queuePosition: known } = heard[index] ?? {};
      if (id === undefined || queuePosition === undefined || queuePosition === known) continue;
      const place = defined({ queuePosition, expectedStartAt });
      await ledger.change(id, ({ record }) => {
        const next = record.status === "queued" ? moved(record, place) : undefined;
        return next === undefined ? record : { record: next, what: "change" };
      });
    }
  }

  async function look(): Promise<void> {
    if (isSweeping || !connections.isUp()) return;
    isSweeping = true;
    try {
      await sweep();
      round += 1;
      if (round % MISS_EVERY === 0) await news.missGone();
      if (round % MORE_EVERY !== 0) return;
      await tellPlaces();
      await options.alsoLook();
    } catch {
      // Redis is away: the next round finds all of it.
    } finally {
      isSweeping = false;
    }
  }

  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { sweep, stop: () => clearInterval(timer) };
}
