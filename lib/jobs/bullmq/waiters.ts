import { randomUUID } from "node:crypto";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import { patiently } from "./patience";
import { ANSWERED } from "./scripts/answered";

const BEAT_MS = 1_000;
/** A process that has said nothing for so long is dead, or might as well be. Redis counts it, so clocks need not agree. */
export const LEASE_MS = 4_000;

/** The callers that wait at this process for answers, and the word to the others that it is alive. */
export interface Waiters {
  /** The name of this process. */
  readonly self: string;
  /** A caller waits here for this job. */
  began(id: string): void;
  /** The caller waits no more, and has no answer. */
  left(id: string): void;
  /** The caller has the answer. */
  answered(id: string): Promise<void>;
  /** Resolves when nobody waits here. */
  idle(): Promise<void>;
  /** Whoever still waits is left alone. */
  close(): Promise<void>;
}

export function createWaiters(connections: Connections, keys: Keys): Waiters {
  const self = randomUUID();
  const key = keys.process(self);
  const waiting = new Set<string>();
  let beats = 0;
  let tellIdle = () => {};

  function left(id: string): void {
    waiting.delete(id);
    if (waiting.size === 0) tellIdle();
  }

  function beat(): void {
    if (!connections.isUp()) return;
    beats += 1;
    connections.ask((redis) => redis.set(key, beats, "PX", LEASE_MS)).catch(() => {});
  }
  const timer = setInterval(beat, BEAT_MS).unref();

  return {
    self,
    began: (id) => void waiting.add(id),
    left,
    async answered(id) {
      left(id);
      const say = () => connections.run(ANSWERED, keys.job(id), keys.prefix, id, self);
      await patiently(say, () => true).catch(() => {});
    },
    idle: () =>
      new Promise((resolve) => {
        tellIdle = resolve;
        if (waiting.size === 0) resolve();
      }),
    async close() {
      clearInterval(timer);
      await connections.ask((redis) => redis.del(key)).catch(() => {});
    },
  };
}
