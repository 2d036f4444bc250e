import { setImmediate as turn } from "node:timers/promises";

import { type AtHand, END, Supply } from "../../lib/internal/supply";

/** Values that come in bursts: those of one burst are at hand together, the last with the end; the next burst comes a turn of the event loop later. */
export class Bursts<T> extends Supply<T> {
  /** How often it was asked for what. */
  readonly asked = { next: 0, arrival: 0, return: 0 };
  readonly #coming: (readonly T[])[];
  readonly #end: Error | undefined;
  readonly #here: T[];

  /**
   * @param end what it fails with behind the last burst
   * @param here what is at hand from the start
   */
  constructor(bursts: readonly (readonly T[])[], end?: Error, here: readonly T[] = []) {
    super();
    this.#here = [...here];
    this.#coming = [...bursts];
    this.#end = end;
  }

  atHand(): AtHand<T> {
    const isEnd = this.#coming.length === 0 && this.#end === undefined;
    return this.#here.shift() ?? (isEnd ? END : undefined);
  }

  arrival(): Promise<void> | undefined {
    if (this.#here.length > 0 || this.#coming.length === 0) return undefined;
    this.asked.arrival += 1;
    return this.#burst();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    this.asked.next += 1;
    while (this.#here.length === 0 && this.#coming.length > 0) await this.#burst();
    const value = this.#here.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#end !== undefined) throw this.#end;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.asked.return += 1;
    return { done: true, value: undefined };
  }

  async #burst(): Promise<void> {
    await turn();
    this.#here.push(...(this.#coming.shift() ?? []));
  }
}

/** All that comes, taken from what is at hand where something is. */
export function bursts<T>(values: readonly T[], sizes: readonly number[]): Bursts<T> {
  const made: T[][] = [];
  for (let at = 0, count = 0; at < values.length; count += 1) {
    const size = Math.max(1, sizes[count % Math.max(1, sizes.length)] ?? 1);
    made.push(values.slice(at, at + size));
    at += size;
  }
  return new Bursts(made);
}

/** Values that are at hand, and behind them nothing that ever comes. */
export class Hanging<T> extends Supply<T> {
  /** Resolves when somebody waits for more. */
  readonly isWaitedFor: Promise<void>;
  isLeft = false;
  readonly #values: T[];
  #waited = () => {};

  constructor(values: readonly T[]) {
    super();
    this.#values = [...values];
    this.isWaitedFor = new Promise((resolve) => {
      this.#waited = resolve;
    });
  }

  atHand(): T | undefined {
    return this.#values.shift();
  }

  arrival(): Promise<void> | undefined {
    return this.#values.length > 0 ? undefined : this.#more();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    return { done: false, value: this.#values.shift() ?? (await this.#more()) };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.isLeft = true;
    return { done: true, value: undefined };
  }

  #more(): Promise<never> {
    this.#waited();
    return new Promise(() => {});
  }
}
