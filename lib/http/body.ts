import type { Response } from "express";
import { asBuffer } from "../internal/as-buffer";
import { Patience } from "../internal/patience";
import type { Stopping } from "../internal/stop";
import { forEach } from "../internal/supply";

/** A client that takes nothing for so long is cut. */
const STALL_MS = 60_000;

/** Something to be written: a piece, or a part that comes in pieces. */
export type BodyPart = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Adds a part of a body; what it answers with is waited for. */
export type AddPart = (part: BodyPart) => Promise<void> | undefined;

export interface BodyOptions {
  /** Aborts when the client has gone. */
  readonly signal: Stopping;
  /** Sets status and headers; called when the first bytes go out. @param length in bytes, of a body that is written at once */
  readonly begin: (length?: number) => void;
  /**
   * A body that is no larger is written at once, when it is whole; until then nothing has gone out. What comes as bytes is ASCII.
   * @default 0: every piece goes out as it comes
   */
  readonly heldBytes?: number;
}

/**
 * The body of an answer, written under back-pressure.
 *
 * Adding to it and ending it fail with the signal's reason when the client has gone, adding at once where it need not wait; a client that takes
 * nothing is cut.
 */
export class Body {
  readonly #res: Response;
  readonly #options: BodyOptions;
  // The signal is aborted by that.
  readonly #patience = new Patience(Number.POSITIVE_INFINITY, () => this.#res.destroy());
  #held: string | undefined;
  #heldBytes = 0;
  /** Who waits until what was written has gone to the client. */
  #waiting: { resolve(): void; reject(reason: unknown): void } | undefined;
  #isWatching = false;

  constructor(res: Response, options: BodyOptions) {
    this.#res = res;
    this.#options = options;
    this.#held = options.heldBytes === undefined ? undefined : "";
  }

  /** Has anything gone out? */
  get hasBegun(): boolean {
    return this.#res.headersSent;
  }

  /** Resolves when there is room for more; `undefined`: there is. @throws what the part throws */
  add(part: BodyPart): Promise<void> | undefined {
    if (typeof part === "string" || ArrayBuffer.isView(part)) return this.#write(part);
    return forEach(part, (piece) => this.#write(piece));
  }

  /** Resolves when all of it has gone out; a small one that was held is only on its way then. */
  async end(): Promise<void> {
    const held = this.#held;
    if (held === undefined) {
      this.#begin();
      this.#res.end();
      if (!this.#res.writableFinished) await this.#taken();
      return;
    }
    this.#options.begin(this.#heldBytes);
    // Text goes out in one write with the headers.
    this.#res.end(held);
  }

  /** A host's compression would hold back what was written until it has enough of it. */
  flush(): void {
    if ("flush" in this.#res && typeof this.#res.flush === "function") this.#res.flush();
  }

  #write(piece: string | Uint8Array): Promise<void> | undefined {
    this.#options.signal.throwIfAborted();
    if (this.#held !== undefined && this.#hold(piece, this.#held)) return undefined;
    this.#begin();
    return this.#res.write(piece) ? undefined : this.#taken();
  }

  /** `false`: it has become too much, and what was held has been written. */
  #hold(piece: string | Uint8Array, held: string): boolean {
    this.#heldBytes += Buffer.byteLength(piece);
    if (this.#heldBytes <= (this.#options.heldBytes ?? 0)) {
      this.#held = held + (typeof piece === "string" ? piece : asBuffer(piece).toString("latin1"));
      return true;
    }
    this.#held = undefined;
    this.#begin();
    if (held !== "") this.#res.write(held);
    return false;
  }

  #begin(): void {
    if (!this.#res.headersSent) this.#options.begin();
  }

  /** Waits until what was written has gone to the client. */
  #taken(): Promise<void> {
    if (!this.#isWatching) this.#watch();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#patience.wait(STALL_MS);
      if (this.#options.signal.aborted) this.#gone();
    });
  }

  /** Once for all waits: a large body has hundreds. */
  #watch(): void {
    this.#isWatching = true;
    this.#res.on("drain", this.#went);
    this.#res.once("finish", () => {
      this.#went();
      this.#patience.end();
      this.#options.signal.removeEventListener("abort", this.#gone);
    });
    this.#options.signal.addEventListener("abort", this.#gone, { once: true });
  }

  readonly #went = () => {
    this.#patience.rest();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  };

  readonly #gone = () => {
    this.#patience.end();
    this.#waiting?.reject(this.#options.signal.reason);
    this.#waiting = undefined;
  };
}

/**
 * Writes a whole body: what `write` adds to it. When that fails or the client stalls, the connection is cut: half an answer must not look like a
 * whole one. Where it fails before anything has gone out, the response stays untouched, for whoever answers errors.
 *
 * @throws the signal's reason when the client has gone, else what the source throws
 */
export async function writeBody(
  res: Response,
  write: (add: AddPart) => Promise<void> | undefined,
  options: BodyOptions,
): Promise<void> {
  const body = new Body(res, options);
  try {
    await write((part) => body.add(part));
    await body.end();
  } catch (error) {
    if (body.hasBegun) res.destroy();
    // Whatever a source makes of an abort, the reason for it is what happened.
    throw options.signal.aborted ? options.signal.reason : error;
  }
}
