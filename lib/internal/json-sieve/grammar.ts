import { JsonError, MAX_DEPTH } from "./error";
import type { JsonPath, JsonPattern } from "./pattern";

interface Level {
  readonly isArray: boolean;
  /** The key, or the place, of the member that is read now. */
  at: string | number;
  /** Keys that were read and may not come again. */
  keys: Set<string> | undefined;
}

/** What may come next. */
export type Expected = "value" | "key" | "colon" | "next" | "end";

/** Where in a JSON text we are. Knows the grammar of its structure; whether a number or a literal is one, the parser says later. */
export class Grammar {
  readonly #handedOut: readonly JsonPattern[];
  readonly #levels: Level[] = [];
  #expected: Expected = "value";
  /** A container has just been opened: it may end without a member. */
  #isFresh = false;

  /** @param handedOut places whose strings are not kept */
  constructor(handedOut: readonly JsonPattern[]) {
    this.#handedOut = handedOut;
  }

  get expected(): Expected {
    return this.#expected;
  }

  get path(): JsonPath {
    return this.#levels.map(({ at }) => at);
  }

  get depth(): number {
    return this.#levels.length;
  }

  /** Does one of the patterns lead here? */
  isAt(patterns: readonly JsonPattern[]): boolean {
    for (const pattern of patterns) {
      if (pattern.length === this.#levels.length && this.#isOnTheWayOf(pattern)) return true;
    }
    return false;
  }

  open(isArray: boolean): void {
    this.#require("value");
    if (this.#levels.length === MAX_DEPTH) throw new JsonError("too_deep");
    this.#levels.push({ isArray, at: isArray ? 0 : "", keys: undefined });
    this.#expected = isArray ? "value" : "key";
    this.#isFresh = true;
  }

  close(isArray: boolean): void {
    const level = this.#levels.pop();
    if (level?.isArray !== isArray || !(this.#isFresh || this.#expected === "next")) {
      throw new JsonError("broken");
    }
    this.#valueEnded();
  }

  /**
   * Of a key that is there twice the last one counts, as with JSON.parse; but not on the way to what is handed out: that could not be taken
   * back.
   */
  key(name: string): void {
    this.#require("key");
    const level = this.#levels.at(-1);
    if (level === undefined) throw new JsonError("broken");
    level.at = name;
    if (this.#handedOut.some((pattern) => this.#isOnTheWayOf(pattern))) {
      level.keys ??= new Set();
      if (level.keys.has(name)) throw new JsonError("repeated_key", this.path.join("."));
      level.keys.add(name);
    }
    this.#expected = "colon";
    this.#isFresh = false;
  }

  colon(): void {
    this.#require("colon");
    this.#expected = "value";
  }

  comma(): void {
    this.#require("next");
    const level = this.#levels.at(-1);
    if (level === undefined) throw new JsonError("broken");
    if (typeof level.at === "number") level.at += 1;
    this.#expected = level.isArray ? "value" : "key";
  }

  /** A string, a number or a literal has been read. */
  scalar(): void {
    this.#require("value");
    this.#valueEnded();
  }

  /** Here, or on from here. Nothing is made for it: it is asked for every value and every key. */
  #isOnTheWayOf(pattern: JsonPattern): boolean {
    for (let depth = 0; depth < this.#levels.length; depth += 1) {
      const at = this.#levels[depth]?.at;
      const step = pattern[depth];
      if (step === null ? typeof at !== "number" : step !== at) return false;
    }
    return true;
  }

  #valueEnded(): void {
    this.#isFresh = false;
    this.#expected = this.#levels.length === 0 ? "end" : "next";
  }

  #require(expected: Expected): void {
    if (this.#expected !== expected) throw new JsonError("broken");
  }
}
