import { asBuffer } from "../as-buffer";
import { arrival, atHand, coming, END } from "../supply";
import { Turn } from "./turn";

/** The chunks of a source, as many in one turn of the event loop as are a reader's share. */
export class Chunks {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #turn = new Turn();
  #hasEnded = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** There are no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next one; `undefined`: it has to be waited for, or there are no more. */
  atHand(): Buffer | undefined {
    return this.#turn.isOver ? undefined : this.#taken(atHand(this.#source));
  }

  /** Waits for the next one; `undefined`: there are no more. */
  async next(): Promise<Buffer | undefined> {
    if (this.#turn.isOver) await this.#turn.pass();
    return this.#taken(atHand(this.#source) ?? (await coming(this.#source)));
  }

  /** When the next one may be at hand; `undefined`: only `next` can know. */
  arrival(): Promise<void> | undefined {
    return arrival(this.#source);
  }

  async leave(): Promise<void> {
    await this.#source.return?.();
  }

  #taken(given: Uint8Array | typeof END | undefined): Buffer | undefined {
    if (given === END) this.#hasEnded = true;
    if (given === END || given === undefined) return undefined;
    this.#turn.use(given.byteLength);
    return asBuffer(given);
  }
}
