/** A repeatable stream of numbers: the same text always gives the same ones. */
export class Random {
  readonly #text: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(text: string) {
    this.#text = text;
    [this.#a, this.#b, this.#c, this.#counter] = mixed(text);
    for (let warmUp = 0; warmUp < 12; warmUp++) this.next();
  }

  /** A stream of its own, so that drawing more of one thing does not move another. */
  fork(name: string): Random {
    return new Random(`${this.#text}/${name}`);
  }

  /** 0 ≤ x < 1 (sfc32). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Both ends included. */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(first: T, ...others: readonly T[]): T {
    return others[this.integer(-1, others.length - 1)] ?? first;
  }
}

/** Four 32-bit words that all depend on all of the text (MurmurHash3's multipliers). */
function mixed(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const [a, b, c, d] = words;
    words[0] = b ^ Math.imul(a ^ code, 597399067);
    words[1] = c ^ Math.imul(b ^ code, 2869860233);
    words[2] = d ^ Math.imul(c ^ code, 951274213);
    words[3] = a ^ Math.imul(d ^ code, 2716044179);
  }
  return words;
}
