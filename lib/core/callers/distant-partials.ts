import type { JobRecord } from "../../ports";
import type { Handover } from "../pictures/handover";
import { pickPartials } from "../pictures/partial-pictures";
import type { PreviewFeed } from "../progress/preview-feed";

/** Unfinished versions of pictures that another process makes. */
export interface DistantPartials {
  /** How far the job is. */
  reached(job: JobRecord): void;
  stop(): void;
}

/** Makes unfinished versions for a caller that streams, of the previews that come from the process that works on its job. */
export function distantPartials(
  previews: PreviewFeed,
  { id, owner, request: { n, stream } }: Pick<JobRecord, "id" | "owner" | "request">,
  handover: Handover,
): DistantPartials | undefined {
  const wanted = stream?.partialImages ?? 0;
  if (!previews.isShared || wanted === 0) return undefined;
  const partials = pickPartials(handover, wanted, n);
  let fraction = 0;
  const leave = previews.attend(owner);
  const stopListening = previews.listen({
    wants: () => false,
    show({ job, imageIndex, contentType, bytes }, isDistant) {
      if (!isDistant || job.id !== id || !partials.areWanted()) return;
      partials.offer(imageIndex, fraction, { type: contentType, bytes });
    },
  });
  return {
    reached({ progress }) {
      fraction = progress / 100;
    },
    stop() {
      stopListening();
      leave();
    },
  };
}
