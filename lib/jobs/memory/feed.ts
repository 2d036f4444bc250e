import type { JobListener, JobRecord } from "../../ports";

/** Tells every listener of every change, in order even when a listener causes the next one. */
export interface Feed {
  tell(job: JobRecord): void;
  watch(listener: JobListener): () => void;
  close(): void;
}

export function createFeed(): Feed {
  const watchers = new Set<{ readonly listener: JobListener }>();
  const pending: JobRecord[] = [];
  let isTelling = false;

  const tellNext = (job: JobRecord) => {
    for (const watcher of [...watchers]) {
      if (watchers.has(watcher)) watcher.listener(job, "here");
    }
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
    close: () => watchers.clear(),
  };
}
