import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";

import { type AtHand, END } from "../internal/supply";
import type { Answer, Begun, Passage } from "./driver";
import { textOf } from "./failure";

/** Pieces of a body that are taken in before the connection is told to wait. */
const AHEAD = 2;

/** Undici's words for a connection that has ended, on whichever side. */
const ENDED: ReadonlySet<string> = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_DESTROYED",
  "UND_ERR_CLOSED",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

/** One request of undici's: what becomes of it, told to its passage, and its answer, which is read at the reader's pace. */
export class UndiciReception implements Dispatcher.DispatchHandler, Begun {
  readonly #passage: Passage;
  readonly #isEncrypted: boolean;
  readonly #source: Readable | undefined;
  readonly #pieces: Uint8Array[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #isSent = false;
  #isEnded = false;
  #isDestroyed = false;
  #error: Error | undefined;
  #wake = () => {};

  constructor(passage: Passage, isEncrypted: boolean, source: Readable | undefined) {
    this.#passage = passage;
    this.#isEncrypted = isEncrypted;
    this.#source = source;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isDestroyed) {
      controller.abort(new Error("given up"));
      return;
    }
    this.#passage.connected();
    const sent = () => {
      this.#isSent = true;
      this.#passage.sent();
    };
    if (this.#source === undefined) sent();
    else this.#source.once("end", sent);
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#passage.answered(this.#answer(status, headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    // After a pause its parser begins with nothing.
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    if (this.#pieces.length >= AHEAD) controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    this.#wake();
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#error = error;
    if (!this.#isDestroyed) this.#tell(error);
    this.#wake();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#pieces.length = 0;
    this.#controller?.abort(new Error("given up"));
    this.#wake();
  }

  #tell(error: Error): void {
    const code = textOf(error, "code");
    const syscall = textOf(error, "syscall");
    if (ENDED.has(code)) {
      this.#passage.closed();
      return;
    }
    // Undici connects before it shows anything: what is neither of the name nor of TCP is of TLS.
    const isOfConnection =
      syscall === "getaddrinfo" || syscall === "connect" || code === "UND_ERR_CONNECT_TIMEOUT";
    if (this.#controller === undefined && this.#isEncrypted && !isOfConnection) this.#passage.handshaking();
    this.#passage.broken(code === "UND_ERR_CONNECT_TIMEOUT" ? { code: "ETIMEDOUT" } : error);
  }

  #answer(status: number, headers: IncomingHttpHeaders): Answer {
    return {
      status,
      headers,
      next: () => this.#next(),
      atHand: () => this.#atHand(),
      arrival: () => this.#arrival(),
      isOver: () => this.#isEnded && this.#isSent && this.#pieces.length === 0,
    };
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (let coming = this.#arrival(); coming !== undefined; coming = this.#arrival()) await coming;
    const piece = this.#atHand();
    if (piece === undefined) throw this.#error ?? new Error("given up");
    return piece === END ? undefined : piece;
  }

  #atHand(): AtHand<Uint8Array> {
    const piece = this.#pieces.shift();
    if (this.#pieces.length < AHEAD && this.#controller?.paused) this.#controller.resume();
    return piece ?? (this.#isEnded ? END : undefined);
  }

  #arrival(): Promise<void> | undefined {
    if (this.#pieces.length > 0 || this.#isEnded || this.#error !== undefined || this.#isDestroyed)
      return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
