/** The newest `progress` that one socket was sent of each job. */
export interface SeqMemory {
  sent(id: string, seq: number): void;
  /** Would this event be newer than all that was sent of the job? */
  isNews(id: string, seq: number): boolean;
}

/** @param capacity jobs remembered; the one longest without an event is forgotten first */
export function createSeqMemory(capacity = 128): SeqMemory {
  const seqs = new Map<string, number>();
  return {
    sent(id, seq) {
      const newest = Math.max(seq, seqs.get(id) ?? seq);
      // Deleted first, so that the order of the map is that of the last events.
      seqs.delete(id);
      seqs.set(id, newest);
      if (seqs.size <= capacity) return;
      for (const oldest of seqs.keys()) {
        seqs.delete(oldest);
        break;
      }
    },
    isNews: (id, seq) => seq > (seqs.get(id) ?? Number.NEGATIVE_INFINITY),
  };
}
