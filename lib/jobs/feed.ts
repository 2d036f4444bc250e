import { Roster } from "../internal/roster";
import type { JobListener, JobRecord } from "../ports";

/** Tells listeners of changes, in order even when a listener causes the next one. */
export interface Feed {
  tell(job: JobRecord): void;
  /** Of every job. */
  watch(listener: JobListener): () => void;
  /** Of one job. */
  follow(id: string, listener: JobListener): () => void;
  close(): void;
}

/** The same listener may listen more than once. */
interface Watcher {
  readonly listener: JobListener;
}

export function createFeed(): Feed {
  const watchers = new Set<Watcher>();
  const followers = new Roster<string, Set<Watcher>>();
  const pending: JobRecord[] = [];
  let isTelling = false;

  const tellAll = (listening: ReadonlySet<Watcher>, job: JobRecord) => {
    for (const watcher of [...listening]) {
      if (listening.has(watcher)) watcher.listener(job);
    }
  };
  const tellNext = (job: JobRecord) => {
    tellAll(watchers, job);
    const following = followers.get(job.id);
    if (following !== undefined) tellAll(following, job);
  };

  return {
    tell(job) {
      pending.push(job);
      if (isTelling) return;
      isTelling = true;
      try {
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) tellNext(next);
      } finally {
        isTelling = false;
      }
    },
    watch(listener) {
      const watcher = { listener };
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
    follow(id, listener) {
      const watcher = { listener };
      const following = followers.get(id) ?? new Set();
      followers.set(id, following.add(watcher));
      return () => {
        following.delete(watcher);
        if (following.size === 0 && followers.get(id) === following) followers.delete(id);
      };
    },
    close() {
      watchers.clear();
      followers.clear();
    },
  };
}
