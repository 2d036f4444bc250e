import { KIB } from "../byte-sizes";
import { inNextTurn } from "../in-next-turn";

/** Some twenty milliseconds go by until each of thirty readers has had its turn. */
const TURN_BYTES = 512 * KIB;

/** Our turn on the event loop: a source that has everything at hand would keep others from theirs. */
export class Turn {
  #bytes = 0;

  get isOver(): boolean {
    return this.#bytes >= TURN_BYTES;
  }

  /** So much has been read in it. */
  use(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Lets the others have theirs, and begins the next. */
  async pass(): Promise<void> {
    this.#bytes = 0;
    await new Promise<void>((resolve) => inNextTurn(resolve));
  }
}
