import { KIB } from "./byte-sizes";

/**
 * base64-alphabet.wat, assembled: WebAssembly looks at sixteen characters at a time. Node's own way to the same end, decoding, has to make a text
 * of the bytes first.
 */
export const ALPHABET_MODULE =
  "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAQcXAgZtZW1vcnkCAAppc0FscGhhYmV0AAAKbgFsAgF/Anv9DP////////////////////8hAwNAIAH9AAQAIQIgAyACQSD9D/1QQeEA/Q/9cUEa/Q/9JiACQS/9D/1xQQv9D/0m/VAgAkEr/Q/9I/1Q/U4hAyABQRBqIQEgASAASQ0ACyAD/WML";

/** What is used of it here: Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const BLOCK = 16;
const ROOM_BYTES = 64 * KIB;

interface Inspector {
  /** Where the text has to lie. */
  readonly room: Uint8Array;
  isAlphabet(length: number): boolean;
}

let inspector: Inspector | undefined | "none yet" = "none yet";

/**
 * How many characters from `start` on are known to be of base64's alphabet, a multiple of sixteen: all but a few at the end, where padding may
 * stand, or fewer when there is something else among them. None where the processor or the host's settings have no WebAssembly for it.
 */
export function plainLength(text: Uint8Array, start: number, end: number): number {
  if (end - start <= BLOCK) return 0;
  if (inspector === "none yet") inspector = newInspector();
  if (inspector === undefined) return 0;
  const whole = end - start - 1 - ((end - start - 1) % BLOCK);
  for (let at = 0; at < whole; at += ROOM_BYTES) {
    const length = Math.min(ROOM_BYTES, whole - at);
    inspector.room.set(text.subarray(start + at, start + at + length));
    if (!inspector.isAlphabet(length)) return at;
  }
  return whole;
}

function newInspector(): Inspector | undefined {
  const instance = assembled();
  if (instance === undefined) return undefined;
  const { memory, isAlphabet } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof isAlphabet !== "function") return undefined;
  return { room: new Uint8Array(memory.buffer), isAlphabet: (length) => isAlphabet(length) === 1 };
}

function assembled(): InstanceType<typeof WebAssembly.Instance> | undefined {
  const bytes = Buffer.from(ALPHABET_MODULE, "base64");
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes));
  } catch {
    // Left out by the host (`--jitless`), or the processor does not look at sixteen at a time.
    return undefined;
  }
}
