import { isUtf8 } from "node:buffer";
import { KIB } from "../byte-sizes";

import { JsonError } from "./error";

/** Small enough to be cut from the piece of memory that Node has ready. */
const FIRST_BYTES = KIB;
/** What means itself. */
const PLAIN_KEY = /^"[\w .-]*"$/;

/** What of a JSON text is kept: all but the strings that are handed out. Copied, so that no chunk stays alive for its few bytes. */
export class Rest {
  readonly #maxBytes: number;
  readonly #isUtf8Required: boolean;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** @param isUtf8Required broken UTF-8 is no JSON; else it becomes other text */
  constructor(maxBytes: number, isUtf8Required: boolean) {
    this.#maxBytes = maxBytes;
    this.#isUtf8Required = isUtf8Required;
  }

  get length(): number {
    return this.#length;
  }

  /** @throws JsonError `too_large` */
  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) throw new JsonError("too_large");
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** A key, quoted. @throws JsonError `broken` */
  keyFrom(start: number): string {
    const quoted = this.#bytes.toString("latin1", start, this.#length);
    // Nearly every key is plain, and reading it as JSON takes ten times as long.
    return PLAIN_KEY.test(quoted) ? quoted.slice(1, -1) : String(this.valueFrom(start));
  }

  /** @throws JsonError `broken` when what stands there is no JSON value */
  valueFrom(start: number): unknown {
    const bytes = this.#bytes.subarray(start, this.#length);
    if (this.#isUtf8Required && !isUtf8(bytes)) throw new JsonError("broken");
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch {
      throw new JsonError("broken");
    }
  }
}
