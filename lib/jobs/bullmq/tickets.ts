import type { Queue } from "bullmq";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import { loadBullmq } from "./library";

/** BullMQ's part: it hands out the ids of the jobs whose turn may come, and sees when a worker dies. */
export interface Tickets {
  /**
   * Never rejects: what BullMQ could not take a sweep brings again.
   *
   * @param jobs `id, provider, priority` of each, flat. One that BullMQ has already is not taken twice
   * @returns the ids of those that BullMQ has
   */
  add(jobs: readonly string[]): Promise<readonly string[]>;
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
    queue.waitUntilReady().catch(() => forget(provider, queue));
    return queue;
  };

  /** One that Redis died on while it was being opened refuses everything ever after: the next use opens another. */
  function forget(provider: string, queue: Queue): void {
    if (queues.get(provider) === queue) queues.delete(provider);
    void quietly(queue.close());
  }

  /** Gives whether it was done. */
  const quietly = (work: Promise<unknown>): Promise<boolean> => {
    const done = work
      .then(
        () => true,
        () => false,
      )
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };

  return {
    async add(jobs) {
      if (!connections.isUp()) return [];
      const adding: Promise<string | undefined>[] = [];
      for (let at = 0; at + 2 < jobs.length; at += 3) {
        const [id = "", provider = "", priority = ""] = jobs.slice(at, at + 3);
        const options = { jobId: id, priority: Number(priority), removeOnComplete: true, removeOnFail: true };
        const added = quietly(queueOf(provider).add("job", {}, options));
        adding.push(added.then((isThere) => (isThere ? id : undefined)));
      }
      return (await Promise.all(adding)).filter((id) => id !== undefined);
    },
    remove(id, provider) {
      if (connections.isUp()) void quietly(queueOf(provider).remove(id));
    },
    async close() {
      await Promise.all(underWay);
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => {})));
    },
  };
}

/** BullMQ allows no colon in a name. */
export const queueName = (provider: string): string => encodeURIComponent(provider);
