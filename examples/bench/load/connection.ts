import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { AnswerReader } from "./answer-reader";
import { type MeteredPicture, PictureMeter } from "./picture-meter";

const BUFFER_BYTES = 256 * 1024;
const START_CHARS = 2048;

/** What came for one request. Times are as `performance.now()` tells them. */
export interface Received {
  readonly status: number;
  readonly pictures: readonly MeteredPicture[];
  /** The first characters of the body, in which addresses and errors stand. */
  readonly start: string;
  readonly sentAt: number;
  readonly firstByteAt: number;
}

interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection that is kept for one request after the other. It reads into one buffer over and over, because the load shares its
 * processors with what it measures: an HTTP library takes three to five times as long for a large answer.
 */
export class Connection {
  readonly #socket: Socket;
  #exchange: Exchange | undefined;

  private constructor(port: number) {
    const buffer = Buffer.alloc(BUFFER_BYTES);
    const callback = (bytes: number) => {
      this.#take(buffer.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ port, host: "127.0.0.1", onread: { buffer, callback } });
    this.#socket.setNoDelay();
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await once(connection.#socket, "connect");
    // An error is followed by a close.
    connection.#socket.on("error", () => {});
    connection.#socket.on("close", () => connection.#fail(new Error("the connection broke")));
    return connection;
  }

  /** @param hashes also hashes the pictures */
  async exchange(request: Buffer, hashes: boolean): Promise<Received> {
    const meter = new PictureMeter(hashes);
    let start = "";
    let firstByteAt = 0;
    const reader = new AnswerReader((piece) => {
      if (firstByteAt === 0) firstByteAt = performance.now();
      if (start.length < START_CHARS) start += piece.toString("latin1", 0, START_CHARS - start.length);
      meter.feed(piece);
    });
    if (this.#socket.destroyed) throw new Error("the connection broke");
    const sentAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      this.#exchange = { reader, resolve, reject };
      this.#socket.write(request);
    });
    return { status: reader.status, pictures: meter.pictures, start, sentAt, firstByteAt };
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    const exchange = this.#exchange;
    try {
      if (exchange?.reader.feed(bytes) !== true) return;
      this.#exchange = undefined;
      exchange.resolve();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#exchange?.reject(error);
    this.#exchange = undefined;
    this.#socket.destroy();
  }
}
