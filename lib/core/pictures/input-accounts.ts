import { GatewayError } from "../../ports";

/** How much each principal holds of pictures in unfinished requests, in this process. */
export class InputAccounts {
  readonly #maxBytes: number;
  readonly #held = new Map<string, number>();

  /** @param maxBytes of one principal */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws GatewayError `concurrency_limit` */
  charge(limitKey: string, bytes: number): void {
    const held = (this.#held.get(limitKey) ?? 0) + bytes;
    if (held > this.#maxBytes) {
      throw new GatewayError(
        "concurrency_limit",
        `Your unfinished requests, this one included, may hold pictures of at most ${this.#maxBytes} bytes at a time. Wait for some to finish.`,
        { retryAfterSeconds: 5 },
      );
    }
    this.#held.set(limitKey, held);
  }

  refund(limitKey: string, bytes: number): void {
    const held = (this.#held.get(limitKey) ?? 0) - bytes;
    if (held > 0) this.#held.set(limitKey, held);
    else this.#held.delete(limitKey);
  }
}
