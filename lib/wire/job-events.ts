import { asBuffer } from "../internal/as-buffer";
import type { JobRecord } from "../ports";
import { toImageJob } from "./job";

/** A change of a job, as its event stream tells it: the job object with its `seq`. */
export const jobEvent = (job: JobRecord): string =>
  eventText(job.seq, "progress", { ...toImageJob(job), seq: job.seq });

/** An unfinished picture. */
export interface PreviewFacts {
  readonly id: string;
  readonly seq: number;
  readonly imageIndex: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export const previewEvent = ({ id, seq, imageIndex, contentType, bytes }: PreviewFacts): string =>
  eventText(seq, "preview", {
    id,
    seq,
    image_index: imageIndex,
    content_type: contentType,
    b64_json: asBuffer(bytes).toString("base64"),
  });

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
const eventText = (id: number, name: string, data: object): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
