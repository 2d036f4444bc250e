import { defined } from "../internal/defined";
import { type ErrorBody, type ImageRequest, isTerminal, type JobImage, type JobRecord } from "../ports";
import type { TextPart } from "./image-json";
import { toImageJob } from "./job";
import { factsOf } from "./response";

/** What an event says of its picture: what the bytes are, and what was asked for. */
export interface EventPicture extends Pick<JobImage, "contentType" | "width" | "height"> {
  readonly place: number;
  /** Of an unfinished version. */
  readonly partial?: number;
}

/** The kind of request in the names of its events. OpenAI streams generations and edits only. */
const prefixOf = ({ op }: ImageRequest): string => (op === "generate" ? "image_generation" : "image_edit");

/**
 * One event with a picture in it, up to before its end: {@link eventEnd} adds what becomes known late.
 *
 * @see https://platform.openai.com/docs/api-reference/images-streaming
 */
export function pictureEvent(
  request: ImageRequest,
  picture: EventPicture,
  base64: AsyncIterable<Uint8Array>,
): readonly TextPart[] {
  const { place, partial, contentType, width, height } = picture;
  const type = `${prefixOf(request)}.${partial === undefined ? "completed" : "partial_image"}`;
  const about = defined({
    type,
    created_at: Math.floor(Date.now() / 1000),
    size: `${width}x${height}`,
    output_format: contentType.slice("image/".length),
    partial_image_index: partial,
    image_index: request.n === 1 ? undefined : place,
  });
  return [`event: ${type}\ndata: ${JSON.stringify(about).slice(0, -1)},"b64_json":"`, base64, '"'];
}

/**
 * The end of an event with a picture.
 *
 * @param late `job`: at its end, for the last picture
 */
export function eventEnd(
  request: ImageRequest,
  late: { readonly revisedPrompt?: string | undefined; readonly job?: JobRecord } = {},
): string {
  const { quality, background, usage, warnings } = late.job === undefined ? {} : factsOf(late.job);
  const members = defined({
    revised_prompt: late.revisedPrompt,
    quality: quality ?? request.quality ?? "auto",
    background: background ?? request.background ?? "auto",
    usage,
    warnings,
  });
  return `,${JSON.stringify(members).slice(1)}\n\n`;
}

/**
 * How far the job is, in an event that OpenAI does not know: its SDKs hand it on as it is. At the job's end, what it says of all its pictures,
 * where there is no last one to say it with.
 */
export function progressEvent(job: JobRecord): string {
  const type = `${prefixOf(job.request)}.progress`;
  const { id, progress, phase, step, steps, queue_position } = toImageJob(job);
  const { usage, warnings } = isTerminal(job) ? factsOf(job) : {};
  const data = {
    type,
    job_id: id,
    progress,
    phase,
    step,
    steps,
    queue_position,
    ...defined({ usage, warnings }),
  };
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What the OpenAI SDKs raise as an error with code and message. */
export const errorEvent = (error: ErrorBody): string =>
  `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`;

/** Keeps a connection from looking dead. */
export const KEEP_ALIVE = ": keep-alive\n\n";

/** The same in the middle of an event, whose data goes on in another line: between members, line breaks say nothing to JSON. */
export const KEEP_ALIVE_INSIDE = "\n: keep-alive\ndata: ";
