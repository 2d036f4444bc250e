import type { Queue } from "bullmq";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import { loadBullmq } from "./library";

/** BullMQ's part: it hands out the ids of the jobs whose turn may come, and sees when a worker dies. */
export interface Tickets {
  /** @param jobs `id, provider, priority` of each, flat. One that BullMQ has already is not taken twice; one that fails a sweep brings again. */
  add(jobs: readonly string[]): void;
  remove(id: string, provider: string): void;
  /** Resolves when nothing of it is under way. */
  close(): Promise<void>;
}

/** The log of events is BullMQ's own; we do not read it. */
const EVENTS_KEPT = 10;

export function createTickets(connections: Connections, keys: Keys): Tickets {
  const library = loadBullmq();
  const queues = new Map<string, Queue>();
  const underWay = new Set<Promise<unknown>>();

  const queueOf = (provider: string) => {
    const known = queues.get(provider);
    if (known !== undefined) return known;
    const queue = new library.Queue(queueName(provider), {
      connection: connections.commands,
      prefix: keys.tickets,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    // What it says of the connection is heard at the connection.
    queue.on("error", () => {});
    queues.set(provider, queue);
    return queue;
  };

  const quietly = (work: Promise<unknown>) => {
    const done = work.catch(() => {}).finally(() => underWay.delete(done));
    underWay.add(done);
  };

  return {
    add(jobs) {
      if (!connections.isUp()) return;
      for (let at = 0; at + 2 < jobs.length; at += 3) {
        const [id = "", provider = "", priority = ""] = jobs.slice(at, at + 3);
        const options = { jobId: id, priority: Number(priority), removeOnComplete: true, removeOnFail: true };
        quietly(queueOf(provider).add("job", {}, options));
      }
    },
    remove(id, provider) {
      if (connections.isUp()) quietly(queueOf(provider).remove(id));
    },
    async close() {
      await Promise.all(underWay);
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => {})));
    },
  };
}

/** BullMQ allows no colon in a name. */
export const queueName = (provider: string): string => encodeURIComponent(provider);
