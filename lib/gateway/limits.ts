import { GIB, KIB, MIB } from "../internal/byte-sizes";
/** Every limit with its default, and the range a host may choose from. Units are in the names. */
export const LIMITS = {
  /** Images of one request; OpenAI's own limit is 10. */
  imagesPerRequest: { default: 10, min: 1, max: 10 },
  /** Code points of a prompt; a model card may say less, or more up to this. Default: as the card says, 4000 where it is silent. */
  promptChars: { default: 1_000_000, min: 1, max: 1_000_000 },
  /** A JSON body, inflated; of a request with pictures all that is not one of them. */
  bodyBytes: { default: 256 * KIB, min: 1024, max: 16 * MIB },
  /** One picture of an edit or a variation, decoded. */
  inputBytes: { default: 50 * MIB, min: 1024, max: GIB },
  /** A request with pictures as it is sent, and its pictures together. */
  uploadBytes: { default: 100 * MIB, min: 1024, max: 4 * GIB },
  /** Between two pieces of a request with pictures. */
  uploadIdleMs: { default: 30_000, min: 1, max: 86_400_000 },
  /** The pictures of one principal's unfinished requests, in one process. */
  inputBytesPerPrincipal: { default: 256 * MIB, min: 1024, max: 1024 * GIB },
  /** One image that a provider makes, decoded. */
  imageBytes: { default: 32 * MIB, min: 1024, max: GIB },
  /** Jobs of one principal at work at the same time. */
  runningPerPrincipal: { default: 4, min: 1, max: 100_000 },
  /** Jobs of one principal that may wait. */
  queuedPerPrincipal: { default: 32, min: 0, max: 100_000 },
  /** How long a waited-for job may stand in the queue. */
  queueWaitMs: { default: 30_000, min: 1, max: 3_600_000 },
  /** The same for one that nobody waits for (`Prefer: respond-async`). */
  asyncQueueWaitMs: { default: 900_000, min: 1, max: 86_400_000 },
  /** One job from its start to its end. */
  jobMs: { default: 600_000, min: 1, max: 86_400_000 },
  /** The same for one that nobody waits for. */
  asyncJobMs: { default: 1_800_000, min: 1, max: 86_400_000 },
  /** One upstream call. */
  attemptMs: { default: 300_000, min: 1, max: 86_400_000 },
  /** An upstream connection: DNS, TCP and TLS. */
  connectMs: { default: 5_000, min: 1, max: 600_000 },
  /** From a sent request to the first byte of its answer, and between two events of a stream. */
  firstByteMs: { default: 180_000, min: 1, max: 86_400_000 },
  /** The longest pause within any other answer of an upstream. */
  idleMs: { default: 30_000, min: 1, max: 86_400_000 },
  /** Progress events of one job. */
  progressPerSecond: { default: 10, min: 1, max: 1000 },
  /** Previews of one job. */
  previewsPerSecond: { default: 2, min: 1, max: 1000 },
  /** One preview; larger ones are dropped. */
  previewBytes: { default: 256 * KIB, min: 1024, max: 4 * MIB },
  /** Events that one socket may send, sustained and at once. */
  socketEventsPerSecond: { default: 20, min: 1, max: 10_000 },
  socketEventBurst: { default: 40, min: 1, max: 10_000 },
  subscriptionsPerSocket: { default: 64, min: 1, max: 10_000 },
  socketsPerPrincipal: { default: 8, min: 1, max: 100_000 },
} as const;

export type Limits = { readonly [Name in keyof typeof LIMITS]: number };

/** Not exact on purpose: a host may write `undefined` for the default. */
export type LimitOptions = { readonly [Name in keyof typeof LIMITS]?: number | undefined };
