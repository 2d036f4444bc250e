import type { ContextHttpClient } from "./http-client";
import type { Logger } from "./logger";
import type { MaybePromise } from "./maybe-promise";
import type { ModelCard } from "./model-card";
import type { ImageTask } from "./task";

/** The name an upstream gave to one piece of our work. JSON-safe, holds no secret: it is stored with the job. */
export interface UpstreamRef {
  readonly provider: string;
  readonly id: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ProbeContext {
  readonly signal: AbortSignal;
  readonly http: ContextHttpClient;
  readonly log: Logger;
}

export type Phase = "queued" | "loading" | "sampling" | "decoding" | "saving";

export interface Preview {
  /** Media type; the gateway trusts the magic number. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Which image of this call; default 0. */
  readonly index?: number;
}

/** What a provider tells while it works. All of it optional but the phase. */
export interface Progress {
  readonly phase: Phase;
  /** 0 … 1 of this call. Default: `step / steps`, where both are told. */
  readonly fraction?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly queuePosition?: number;
  readonly etaMs?: number;
  /** Which image of this call, from 0. */
  readonly image?: number;
  readonly preview?: Preview;
}

export interface RunContext extends ProbeContext {
  readonly jobId: string;
  readonly requestId: string;
  /** UUID made from (job, call, attempt), the same after a restart: an upstream that lets us choose its id gets this one. */
  readonly callKey: string;
  /** Epoch milliseconds; forward it where the upstream can stop by itself. */
  readonly deadline: number;
  /** Synchronous, never throws, cheap to call often: the gateway throttles, orders and keeps it from falling. */
  progress(progress: Progress): void;
  /** Is somebody looking? While `false` do not fetch, decode or send previews. May change during the run. */
  readonly wantsPreviews: boolean;
  /** Awaited before dispatch where we choose the id, else right after the answer: from then on the work can be resumed or cancelled elsewhere. */
  submitted(ref: UpstreamRef): Promise<void>;
}

/** One finished picture; its data is opened lazily, once, in order. */
export interface ImageOut {
  readonly data:
    | { readonly as: "bytes"; open(): AsyncIterable<Uint8Array> }
    /** ASCII as it came: may be copied out undecoded. */
    | { readonly as: "base64"; open(): AsyncIterable<Uint8Array> }
    /** Fetched by the gateway through its guard; `expiresAt` in epoch milliseconds. */
    | { readonly as: "url"; readonly url: string; readonly expiresAt?: number };
  /** Hints; the gateway trusts the bytes. */
  readonly type?: string;
  readonly width?: number;
  readonly height?: number;
  /** May become known while the data is read: it is asked for after that, so a getter will do. */
  readonly revisedPrompt?: string | undefined;
  /**
   * An unfinished version of the picture, the nth from 0: relayed as it is, to a caller that streams, and counted as none of the `n`. Only where
   * `task.partialImages` is above 0.
   */
  readonly partial?: number;
  /** Of an unfinished version: of which of this call's pictures, from 0. Default 0. */
  readonly index?: number;
  readonly seed?: number;
  /** The upstream's own filter marked it. */
  readonly flagged?: boolean;
}

export interface Warning {
  readonly param?: string;
  readonly message: string;
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly inputTokensDetails?: { readonly textTokens?: number; readonly imageTokens?: number };
}

/** Facts that upstreams send late. */
export interface Meta {
  readonly upstreamId?: string;
  readonly created?: number;
  readonly usage?: Usage;
  readonly warnings?: readonly Warning[];
  /** What the upstream really used, where it says so. */
  readonly effective?: { readonly quality?: string; readonly background?: string };
}

export interface RunResult {
  readonly images: AsyncIterable<ImageOut> | readonly ImageOut[];
  /** Complete once the images are read. */
  meta(): Meta;
}

export interface Health {
  readonly status: "up" | "degraded" | "down";
  readonly latencyMs?: number;
  readonly queueDepth?: number;
  /** Shown to operators only. */
  readonly reason?: string;
}

/**
 * An adapter to one upstream. It translates and classifies. Splitting, deadlines, storing and signing are the gateway's; a call is made once.
 *
 * 1. `run` is one upstream call or job, and never a second one; it delivers `task.n` images, or fewer with a warning, and never
 *    none without rejecting.
 * 2. `run`, and reading its images, rejects with {@link ProviderError} only, also when the upstream answers in an unknown shape
 *    (`protocol`); while data is read an `HttpError` of `ctx.http` may come through. `started` is `no` only where the work cannot
 *    have begun: never when the upstream broke at work, nor for a connection that may have carried the request.
 * 3. On `ctx.signal` it stops waiting, tells the upstream (bounded to 5 s, not on the aborted signal) and rejects `cancelled` within a second.
 *    Where the signal has aborted already nothing is sent.
 * 4. Progress is 0 … 1 per call and as the card promises; previews come only while `ctx.wantsPreviews`, which is asked each time;
 *    nothing is reported after `run` has settled and its images are read.
 * 5. Calls at the same time do not mix: no progress, id or byte of one reaches another.
 * 6. Buffers handed out are not touched again.
 * 7. No message holds a key, an address or another tenant's data.
 * 8. Credentials go only to the configured origin, also when the upstream redirects or names addresses elsewhere.
 * 9. The ids and aliases of its cards are unique and not empty. `models` failing, or never asked, does not make `run` fail.
 * 10. It opens no socket of its own: HTTP goes through `ctx.http`.
 * 11. Memory stays bounded whatever an answer's length: every request has a `maxBytes` of at most 1 GiB. Data is opened lazily, and
 *     whoever leaves before the end leaves nothing open.
 * 12. A prompt is text: control blocks that an upstream would obey are neutralised or refused, and nothing in it changes the request.
 * 13. Where a card says `resume`, and where there is a `cancel`, `ctx.submitted` gets a ref of this provider, which survives being
 *     stored as JSON; another instance resumes the work by it without beginning anew, or stops it. `cancel` of work that nobody knows
 *     reports so and does not reject.
 * 14. The pictures of a task, and its mask, reach the upstream whole. They are opened when they are needed, again where that is needed, and
 *     none is left open. A variation has no prompt.
 */
export interface ImageProvider {
  /** Names it in logs, metrics and `GET /models`: lower case, digits, `-`, `_`; unique within a registry. */
  readonly id: string;
  /** May be a constant. Called through a cache with a time to live and one call at a time. */
  models(ctx: ProbeContext): MaybePromise<readonly ModelCard[]>;
  run(task: ImageTask, ctx: RunContext): Promise<RunResult>;
  /** Picks up work submitted by a process that died. Same contract as `run`. */
  resume?(ref: UpstreamRef, task: ImageTask, ctx: RunContext): Promise<RunResult>;
  /** Stops by handle, from any machine; reports what happened. */
  cancel?(ref: UpstreamRef, ctx: ProbeContext): Promise<"stopped" | "requested" | "too_late" | "unknown">;
  health?(ctx: ProbeContext): Promise<Health>;
  close?(): MaybePromise<void>;
}
