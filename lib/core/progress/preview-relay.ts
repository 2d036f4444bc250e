import { readImageHead } from "../../internal/image-head";
import { pace } from "../../internal/pace";
import type { JobQueue, JobRecord, Preview } from "../../ports";
import type { PreviewFeed } from "./preview-feed";

export interface PreviewLimits {
  readonly previewsPerSecond: number;
  /** Larger previews are dropped. */
  readonly previewBytes: number;
}

export interface PreviewRelay {
  /** @param imageIndex place of the picture in the job */
  offer(imageIndex: number, preview: Preview): void;
  close(): void;
}

/**
 * Passes the previews of one job on, at most so many a second: of each picture the latest, the pictures taking turns, so that all
 * of them are seen to grow.
 */
export function relayPreviews(
  job: JobRecord,
  queue: Pick<JobQueue, "nextSeq">,
  feed: PreviewFeed,
  limits: PreviewLimits,
): PreviewRelay {
  const waiting = new Map<number, { readonly contentType: string; readonly bytes: Uint8Array }>();
  let isClosed = false;

  const sending = pace(1000 / limits.previewsPerSecond, async () => {
    const [next] = waiting;
    if (next === undefined) return;
    const [imageIndex, picture] = next;
    waiting.delete(imageIndex);
    if (waiting.size > 0) sending.soon();
    const seq = await queue.nextSeq(job.id);
    if (seq === undefined || isClosed) return;
    feed.publish({ job, seq, imageIndex, ...picture });
  });

  return {
    offer(imageIndex, { bytes }) {
      if (isClosed || bytes.length > limits.previewBytes) return;
      const head = readImageHead(bytes);
      if (head === undefined) return;
      waiting.set(imageIndex, { contentType: head.contentType, bytes });
      sending.soon();
    },
    close() {
      isClosed = true;
      waiting.clear();
      sending.stop();
    },
  };
}
