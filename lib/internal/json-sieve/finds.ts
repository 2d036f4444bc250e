import type { JsonError } from "./error";
import type { JsonPath, JsonPattern } from "./pattern";

export interface SieveOptions {
  /**
   * Strings at these places are handed out piece by piece, ASCII by nature: base64, URLs. In `value`s they stand as `""`. None of the keys that
   * lead there may be repeated.
   */
  readonly strings: readonly JsonPattern[];
  /** Values at these places are told as soon as they end; one whose key is repeated, each time. */
  readonly values?: readonly JsonPattern[];
  /** Of everything but those strings. */
  readonly maxBytes: number;
  /** `true`: broken UTF-8 in everything but those strings is no JSON. Default: it becomes other text. */
  readonly isUtf8Required?: boolean;
  /** What is thrown for a text that is not to be read. Default: the {@link JsonError} itself. */
  readonly explain?: (error: JsonError) => Error;
}

/** What a sieve finds, in the order of the text. The last one is always the value of the whole, with an empty path. */
export type Sifted =
  | {
      readonly kind: "string";
      readonly path: JsonPath;
      /** The string unescaped; what is not ASCII comes as bytes of 0x80 and more. Once, and before the next find is asked for. */
      read(): AsyncIterableIterator<Uint8Array>;
    }
  | { readonly kind: "value"; readonly path: JsonPath; readonly value: unknown };
