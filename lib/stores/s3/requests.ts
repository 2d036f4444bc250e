import { setImmediate as nextTurn } from "node:timers/promises";

import { withDeadline } from "../../internal/deadline";
import type { S3ClientLike } from "./connection";
import type { S3Library } from "./library";

export interface RequestsOptions {
  readonly library: S3Library;
  readonly client: S3ClientLike;
  readonly bucket: string;
  /** For one request with all its repetitions. */
  readonly limitMs: number;
}

/** The way to one bucket. What comes back is looked at before it is used: many servers speak the protocol, each a little differently. */
export class Requests {
  readonly library: S3Library;
  readonly client: S3ClientLike;
  readonly bucket: string;
  readonly #limitMs: number;
  #turn: Promise<void> = Promise.resolve();

  constructor({ library, client, bucket, limitMs }: RequestsOptions) {
    this.library = library;
    this.client = client;
    this.bucket = bucket;
    this.#limitMs = limitMs;
  }

  /** The time limit holds for a client of the host's too, which may have none. */
  send(command: object, signal: AbortSignal): Promise<unknown> {
    return withDeadline(this.#limitMs, signal, (abortSignal) => this.client.send(command, { abortSignal }));
  }

  /** A command with bytes of an image. To sign those takes some milliseconds, so between two of them others get their turn. */
  async sendBytes(command: object, signal: AbortSignal): Promise<unknown> {
    this.#turn = this.#turn.then(() => nextTurn());
    await this.#turn;
    return this.send(command, signal);
  }
}
