/** What is asked of a provider. */
export type Op = "generate" | "edit" | "variation";

/** A size, parsed once; the adapter turns it into `size`, a ratio, or width and height. */
export type Size = "auto" | { readonly width: number; readonly height: number };

/** A picture the caller sent. It can be opened again, so that a retry can resend it. */
export interface InputImage {
  readonly name: string;
  /** Media type by magic number. */
  readonly type: string;
  /** Bytes, where known. */
  readonly length?: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface TaskFields {
  /** The upstream's own model name: aliases are already resolved. */
  readonly model: string;
  readonly prompt: string;
  /** Images wanted of this one call; never above the card's `limits.n`. */
  readonly n: number;
  readonly size?: Size;
  /** 0 … 2^53-1. Set by the gateway when it splits n, so that the calls differ. */
  readonly seed?: number;
  readonly negativePrompt?: string;
  readonly quality?: string;
  readonly style?: string;
  readonly background?: string;
  readonly moderation?: string;
  readonly output?: { readonly format?: string /** 0–100 */; readonly compression?: number };
  /** What the gateway can use, not what the client typed: it stores bytes and fetches URLs by itself. */
  readonly deliver: "bytes" | "url" | "any";
  /**
   * So many unfinished versions of each picture are wanted, 1–3. A provider that streams by itself hands them out among its pictures; from the
   * others the gateway takes their previews.
   */
  readonly partialImages?: number;
  /** An opaque end-user id for the upstream's abuse monitoring. */
  readonly endUser?: string;
  /** Further fields, verbatim, already filtered by the card's `extra`. Null prototype. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** One validated request as a provider sees it. */
export type ImageTask =
  | ({ readonly op: "generate" } & TaskFields)
  | ({ readonly op: "edit"; readonly images: readonly InputImage[]; readonly mask?: InputImage } & TaskFields)
  | ({ readonly op: "variation"; readonly images: readonly InputImage[] } & Omit<TaskFields, "prompt">);
