import type { ErrorCode } from "./errors";
import type { Conversion } from "./image-converter";
import type { ImageType, StoredImage } from "./image-store";
import type { ModelCard } from "./model-card";
import type { Phase, UpstreamRef, Usage, Warning } from "./provider";
import type { Op, Size, TaskFields } from "./task";

export type JobStatus = "queued" | "in_progress" | "completed" | "failed" | "cancelled";

/** A picture that came with a request, as it lies in the store until the job has ended. */
export interface RequestImage extends Pick<StoredImage, "key" | "bytes" | "width" | "height"> {
  /** As the caller named it, as far as that makes a plain file name. */
  readonly name: string;
  /** By magic number. */
  readonly type: ImageType;
  /** SHA-256 of its bytes, in lower-case hex. */
  readonly digest: string;
}

/** The pictures that an edit or a variation begins with. */
export interface RequestInputs {
  readonly images: readonly RequestImage[];
  /** A PNG of the first picture's size. */
  readonly mask?: RequestImage;
}

/** The validated request, as it is kept with its job: JSON-safe, model id as the caller wrote it. */
export interface ImageRequest {
  readonly op: Op;
  readonly model: string;
  /** Empty for a variation. */
  readonly prompt: string;
  /** Absent: nothing but the prompt. */
  readonly inputs?: RequestInputs;
  readonly n: number;
  readonly size?: Size;
  readonly quality?: string;
  readonly style?: string;
  readonly background?: string;
  readonly moderation?: string;
  readonly outputFormat?: string;
  readonly outputCompression?: number;
  readonly endUser?: string;
  /** Absent: the card's default. */
  readonly responseFormat?: "url" | "b64_json";
  /** The caller wants events, with so many unfinished versions of each picture, 0–3. */
  readonly stream?: { readonly partialImages: number };
  /** Where the caller wants to be told of the end: an absolute URL that has not been judged yet. */
  readonly webhook?: string;
  /** Fields that OpenAI does not know, verbatim; the card decides about them. Null prototype. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

/**
 * What a job is going to do, settled at its admission, so that a change of the registry does not touch it and any process that has the
 * provider can do it. JSON-safe.
 */
export interface JobPlan {
  /** What the model's card says of how its work may be dealt with. */
  readonly card: Pick<ModelCard, "id" | "stream" | "cancel" | "resume" | "namesFirst">;
  /** What all its upstream calls have in common; the prompt stands in the request. */
  readonly fields: Omit<TaskFields, "prompt" | "n" | "seed">;
  /** One for each upstream call, its images behind those of the call before. */
  readonly calls: readonly { readonly n: number; readonly seed?: number }[];
  /** Calls at the same time. */
  readonly concurrency: number;
  /**
   * Every picture lies in the store at the end. `untilAnswered`: as far as there is room, and only until its caller has the answer, who
   * asks again when the connection breaks. `false`: only those that cannot go to the caller at once, until they have.
   */
  readonly keeps: boolean | "untilAnswered";
  /** What each finished picture is made before it goes anywhere; absent: it goes as it came. */
  readonly convert?: Conversion;
  /** From its start to its end, in milliseconds. */
  readonly limitMs: number;
  /** What becomes of it when the caller that waits for it leaves; absent: it is cancelled where that is of use. */
  readonly onDisconnect?: "cancel" | "finish";
}

/** The name that an upstream knows the work of one call by. */
export interface JobRef extends UpstreamRef {
  /** Which call of the plan, from 0. */
  readonly call: number;
}

/** A finished picture of a job. */
export interface JobImage extends Pick<StoredImage, "contentType" | "bytes" | "width" | "height"> {
  /** In the job, from 0. */
  readonly place: number;
  /** Where it lies in the store; absent: it went to its caller as it came, and was not kept. */
  readonly kept?: Pick<StoredImage, "key" | "expiresAt">;
  readonly revisedPrompt?: string;
}

export interface JobError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly retry: boolean;
  readonly retryAfterSeconds?: number;
}

/** Whom a job belongs to and by which key its limits count. Digests: no principal id leaves the process in a key or a room. */
export interface JobOwner {
  /** Digest of the principal's id; one constant for all anonymous callers. */
  readonly owner: string;
  /** What the per-principal limits count by: the same digest, or one of the client's address for anonymous callers. */
  readonly limitKey: string;
}

/** One accepted request, from admission to exactly one terminal state. JSON-safe. Times are epoch milliseconds. */
export interface JobRecord extends JobOwner {
  /** `imgjob_` and 32 lower-case hex digits. */
  readonly id: string;
  readonly requestId: string;
  readonly clientRequestId?: string;
  /** Digest of principal, route and validated request: what tells a repeat from another request. */
  readonly fingerprint?: string;
  /** Digest of principal, route and the caller's own key for this request. */
  readonly idempotencyKey?: string;
  /** Since when it is an orphan: its caller left before the answer was written, and nobody has taken it over. Epoch milliseconds. */
  readonly abandonedAt?: number;
  readonly request: ImageRequest;
  readonly responseFormat: "url" | "b64_json";
  readonly provider: string;
  readonly plan: JobPlan;

  /** Rises by one with every event of the job. */
  readonly seq: number;
  readonly status: JobStatus;
  /** Whole percent 0–100, never falling; 100 only with `completed`. */
  readonly progress: number;
  readonly phase?: Phase;
  readonly step?: number;
  readonly steps?: number;
  /** 1 = next. */
  readonly queuePosition?: number;
  /** While it waits: when its turn will come, as far as recent jobs tell. */
  readonly expectedStartAt?: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly expiresAt?: number;

  /** In the order of their places; while the job runs, those that are finished. */
  readonly images: readonly JobImage[];
  readonly warnings: readonly Warning[];
  readonly usage?: Usage;
  readonly effective?: { readonly quality?: string; readonly background?: string };
  readonly refs: readonly JobRef[];
  readonly error?: JobError;
}

export type NewJob = Pick<
  JobRecord,
  | "id"
  | "owner"
  | "limitKey"
  | "requestId"
  | "clientRequestId"
  | "fingerprint"
  | "idempotencyKey"
  | "request"
  | "responseFormat"
  | "provider"
  | "plan"
  | "warnings"
>;

/** What may change while a job runs; `queuePosition` is then its place at the upstream, and 0 takes it away. */
export type JobChange = Partial<
  Pick<
    JobRecord,
    "progress" | "phase" | "step" | "steps" | "queuePosition" | "images" | "warnings" | "refs" | "provider"
  >
>;

/** How a job ends. */
export type JobOutcome =
  | ({ readonly status: "completed" } & Pick<JobRecord, "images" | "warnings" | "usage" | "effective">)
  | { readonly status: "failed"; readonly error: JobError; readonly warnings?: readonly Warning[] }
  | { readonly status: "cancelled"; readonly error: JobError };

export const isTerminal = (job: Pick<JobRecord, "status">): boolean =>
  job.status === "completed" || job.status === "failed" || job.status === "cancelled";
