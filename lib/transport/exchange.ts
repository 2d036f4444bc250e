import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";

import { HttpError, type HttpFailure } from "../ports/http-client";
import { Countdown } from "./countdown";
import { bodyFailure, connectFailure, headFailure, httpError } from "./failure";
import type { HttpLimits } from "./limits";

type Phase = "connecting" | "handshake" | "sending" | "waiting" | "answering" | "over";

/**
 * One request and its answer under time limits: knows how far it has come, fails once, and releases timers, listeners and the
 * connection on every path.
 */
export class Exchange {
  readonly #limits: HttpLimits;
  readonly #signal: AbortSignal;
  readonly #source: Readable | undefined;
  readonly #total: Countdown;
  readonly #onAbort = () => this.fail("aborted");
  #phase: Phase = "connecting";
  #timer: NodeJS.Timeout | undefined;
  #request: ClientRequest | undefined;
  #message: IncomingMessage | undefined;
  #started: "no" | "maybe" = "no";
  #failure: HttpError | undefined;
  #socketError: unknown;
  #reject: (error: HttpError) => void = () => {
    // Replaced when the exchange is opened.
  };

  /** @param source what the request's body is read from; destroyed with the exchange. */
  constructor(limits: HttpLimits, signal: AbortSignal, source?: Readable) {
    this.#limits = limits;
    this.#signal = signal;
    this.#source = source;
    source?.once("error", () =>
      this.fail(httpError("protocol", this.#started, "the request's body could not be read")),
    );
    this.#total = new Countdown(limits.totalMs, () => this.fail("total_timeout"));
  }

  /** Resolves when the answer's headers are there. `send` is given what must see Node's request. */
  open(
    send: (onRequest: (request: ClientRequest) => void) => Promise<IncomingMessage>,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.#signal.aborted) {
        this.fail("aborted");
        return;
      }
      this.#signal.addEventListener("abort", this.#onAbort);
      this.#total.run();
      this.#enter("connecting", "connect_timeout", this.#limits.connectMs);
      // What the library rejects with is known already, or is its refusal of unusable input.
      send((request) => this.#watch(request)).then(resolve, () => this.fail("protocol"));
    });
  }

  /** The body, counted. Reading it to its end, leaving the loop, and letting it go unread all free the connection. */
  body(maxBytes: number): AsyncIterableIterator<Uint8Array> {
    const chunks = this.#read(maxBytes);
    return {
      next: () => chunks.next(),
      return: () => {
        // A generator that was never started would not reach its own end.
        this.discard();
        return chunks.return();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async *#read(maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks: AsyncIterator<unknown> | undefined = this.#message?.[Symbol.asyncIterator]();
    let bytes = 0;
    try {
      for (let chunk = await this.#next(chunks); chunk; chunk = await this.#next(chunks)) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw httpError("too_large", this.#started);
        yield chunk;
      }
    } finally {
      this.discard();
    }
  }

  /** Ends the exchange, whether the body was read or not. */
  discard(): void {
    this.#end();
    const kept = this.#message?.readableEnded && this.#request?.writableFinished;
    if (!kept) this.#destroy();
  }

  /** The first failure is the one that is reported; later ones are its echo. */
  fail(failure: HttpFailure | HttpError): void {
    if (this.#phase === "over") return;
    this.#failure = typeof failure === "string" ? httpError(failure, this.#started) : failure;
    this.#end();
    this.#destroy();
    this.#reject(this.#failure);
  }

  #watch(request: ClientRequest): void {
    this.#request = request;
    request.on("error", (error) => this.#broken(error));
    if (this.#phase === "over") {
      request.destroy();
      return;
    }
    request.once("socket", (socket) => this.#connect(socket, request.reusedSocket));
    request.once("finish", () => {
      if (this.#phase === "sending") this.#enter("waiting", "first_byte_timeout", this.#limits.firstByteMs);
    });
    request.once("response", (message) => this.#answered(message));
    request.once("close", () => {
      if (!this.#message) this.fail(this.#started === "maybe" ? "reset" : "refused");
    });
  }

  #connect(socket: Socket, reused: boolean): void {
    const connected = () => {
      if (this.#phase === "over") return;
      this.#started = "maybe";
      this.#enter("sending", "write_timeout", this.#limits.writeMs);
    };
    if (reused) {
      connected();
      return;
    }
    const encrypted = socket instanceof TLSSocket;
    socket.once(encrypted ? "secureConnect" : "connect", connected);
    if (!encrypted) return;
    socket.once("connect", () => {
      if (this.#phase === "connecting") this.#phase = "handshake";
    });
  }

  #broken(error: unknown): void {
    if (this.#message) this.#socketError ??= error;
    else this.fail(this.#headError(error));
  }

  #headError(error: unknown): HttpFailure | HttpError {
    if (HttpError.is(error)) return error;
    if (this.#started === "maybe") return headFailure(error);
    return connectFailure(error, this.#phase === "handshake");
  }

  #answered(message: IncomingMessage): void {
    this.#message = message;
    this.#phase = "answering";
    this.#pause();
  }

  async #next(chunks: AsyncIterator<unknown> | undefined): Promise<Uint8Array | undefined> {
    if (this.#failure) throw this.#failure;
    this.#total.run();
    this.#arm("idle_timeout", this.#limits.idleMs);
    try {
      const next = await chunks?.next();
      if (next?.done === false && next.value instanceof Uint8Array) return next.value;
      return undefined;
    } catch {
      throw this.#failure ?? httpError(bodyFailure(this.#socketError), this.#started);
    } finally {
      this.#pause();
    }
  }

  #enter(phase: Phase, failure: HttpFailure, ms: number): void {
    this.#phase = phase;
    this.#arm(failure, ms);
  }

  #arm(failure: HttpFailure, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(failure), ms).unref();
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#total.pause();
  }

  #end(): void {
    this.#phase = "over";
    this.#pause();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #destroy(): void {
    // The message first: destroying only the request would drain an answer that is under way.
    this.#message?.destroy();
    this.#request?.destroy();
    this.#source?.destroy();
  }
}
