import type { Readable } from "node:stream";
import { KIB } from "../internal/byte-sizes";
import { Cohort } from "../internal/cohort";
import { Patience } from "../internal/patience";
import { type PieceSource, Pieces } from "../internal/pieces";
import { type AtHand, END, type Supply } from "../internal/supply";
import { HttpError, type HttpFailure, type HttpRequest } from "../ports/http-client";
import type { Answer, Begun, Call, Driver, Passage } from "./driver";
import { bodyFailure, connectFailure, headFailure, httpError } from "./failure";
import type { HttpLimits } from "./limits";

type Phase = "connecting" | "handshake" | "sending" | "waiting" | "answering" | "over";

/** Only these: the data of large ones would push out of the processor's cache what they are to share, and hold the event loop up. */
const smallAnswers = new Cohort();

/**
 * One request and its answer under time limits: knows how far it has come, fails once, and releases timers, listeners and the
 * connection on every path.
 */
export class Exchange implements Passage, PieceSource {
  readonly #limits: HttpLimits;
  readonly #signal: HttpRequest["signal"];
  readonly #maxBytes: number;
  readonly #source: Readable | undefined;
  readonly #patience: Patience;
  readonly #onAbort = () => this.fail("aborted");
  #phase: Phase = "connecting";
  /** Between two pieces of the answer. */
  #idleMs: number;
  /** What it is when the present wait takes too long. */
  #late: HttpFailure = "connect_timeout";
  #begun: Begun | undefined;
  #answer: Answer | undefined;
  /** Of the answer's body, so far. */
  #bytes = 0;
  #started: "no" | "maybe" = "no";
  #failure: HttpError | undefined;
  #socketError: unknown;
  #resolve: (answer: Answer) => void = () => {
    // Replaced when the exchange is opened.
  };
  #reject: (error: HttpError) => void = () => {
    // Likewise.
  };

  /** @param source what the request's body is read from; destroyed with the exchange. */
  constructor(
    limits: HttpLimits,
    { signal, maxBytes }: Pick<HttpRequest, "signal" | "maxBytes">,
    source?: Readable,
  ) {
    this.#limits = limits;
    this.#idleMs = limits.idleMs;
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.#source = source;
    source?.once("error", () =>
      this.fail(httpError("protocol", this.#started, "the request's body could not be read")),
    );
    this.#patience = new Patience(limits.totalMs, (isTotal) =>
      this.fail(isTotal ? "total_timeout" : this.#late),
    );
  }

  /** Resolves when the answer's headers are there. */
  open(driver: Driver, call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#signal.aborted) {
        this.fail("aborted");
        return;
      }
      this.#signal.addEventListener("abort", this.#onAbort);
      this.#enter("connecting", "connect_timeout", this.#limits.connectMs);
      this.#begun = driver(call, this);
      // It may have failed before it could be told how to stop.
      if (this.#phase === "over") this.#begun.destroy();
    });
  }

  handshaking(): void {
    if (this.#phase === "connecting") this.#phase = "handshake";
  }

  connected(): void {
    if (this.#phase === "over") return;
    this.#started = "maybe";
    this.#enter("sending", "write_timeout", this.#limits.writeMs);
  }

  sent(): void {
    if (this.#phase === "sending") this.#enter("waiting", "first_byte_timeout", this.#limits.firstByteMs);
  }

  answered(answer: Answer): void {
    if (this.#phase === "over") return;
    this.#answer = answer;
    this.#phase = "answering";
    if (isEventStream(answer.headers)) this.#idleMs = Math.max(this.#limits.idleMs, this.#limits.firstByteMs);
    this.#patience.rest();
    if (isSmall(answer.headers)) smallAnswers.join(() => this.#resolve(answer));
    else this.#resolve(answer);
  }

  broken(error: unknown): void {
    if (this.#answer) this.#socketError ??= error;
    else this.fail(this.#headError(error));
  }

  closed(): void {
    if (!this.#answer) this.fail(this.#started === "maybe" ? "reset" : "refused");
  }

  unusable(): void {
    if (!this.#answer) this.fail("protocol");
  }

  /** The body, counted. Reading it to its end, leaving it, and letting it go unread all free the connection. */
  body(): Supply<Uint8Array> {
    return new Pieces(this);
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#failure) throw this.#failure;
    this.#wait("idle_timeout", this.#idleMs);
    let piece: Uint8Array | undefined;
    try {
      piece = await this.#answer?.next();
    } catch {
      throw this.#failure ?? httpError(bodyFailure(this.#socketError), this.#started);
    } finally {
      this.#patience.rest();
    }
    if (piece !== undefined && !this.#mayCome(piece)) {
      throw this.#failure ?? httpError("too_large", this.#started);
    }
    return piece;
  }

  atHand(): AtHand<Uint8Array> {
    const piece = this.#failure === undefined ? this.#answer?.atHand?.() : undefined;
    if (piece === undefined) return undefined;
    this.#patience.rest();
    if (piece === END) return END;
    return this.#mayCome(piece) ? piece : undefined;
  }

  arrival(): Promise<void> | undefined {
    const coming = this.#failure === undefined ? this.#answer?.arrival?.() : undefined;
    if (coming !== undefined) this.#wait("idle_timeout", this.#idleMs);
    return coming;
  }

  /** Ends the exchange, whether the body was read or not. */
  release(): void {
    this.#end();
    if (this.#answer?.isOver() !== true) this.#destroy();
  }

  /** The first failure is the one that is reported; later ones are its echo. */
  fail(failure: HttpFailure | HttpError): void {
    if (this.#phase === "over") return;
    this.#failure = typeof failure === "string" ? httpError(failure, this.#started) : failure;
    this.#end();
    this.#destroy();
    this.#reject(this.#failure);
  }

  #headError(error: unknown): HttpFailure | HttpError {
    if (HttpError.is(error)) return error;
    if (this.#started === "maybe") return headFailure(error);
    return connectFailure(error, this.#phase === "handshake");
  }

  /** Counts a piece; one too many fails the exchange. */
  #mayCome({ byteLength }: Uint8Array): boolean {
    this.#bytes += byteLength;
    if (this.#bytes <= this.#maxBytes) return true;
    this.fail("too_large");
    return false;
  }

  #enter(phase: Phase, late: HttpFailure, ms: number): void {
    this.#phase = phase;
    this.#wait(late, ms);
  }

  #wait(late: HttpFailure, ms: number): void {
    this.#late = late;
    this.#patience.wait(ms);
  }

  #end(): void {
    this.#phase = "over";
    this.#patience.end();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #destroy(): void {
    this.#begun?.destroy();
    this.#source?.destroy();
  }
}

/** It says that it is: then nearly always all of it has come with its headers. */
const isSmall = (headers: Answer["headers"]): boolean =>
  Number(headers["content-length"] ?? Number.POSITIVE_INFINITY) <= 64 * KIB;

/** Its headers come at once: what they would wait for in another answer, it waits for between its events. */
const isEventStream = (headers: Answer["headers"]): boolean =>
  /^text\/event-stream\b/i.test(headers["content-type"] ?? "");
