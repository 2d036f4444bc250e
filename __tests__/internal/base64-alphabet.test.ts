import { readFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";

import { ALPHABET_MODULE, plainLength } from "../../lib/internal/base64-alphabet";

const ROOM = 65_536;
const all = (text: Uint8Array): number => plainLength(text, 0, text.length);

it("is assembled from the source that lies beside it", async () => {
  const source = readFileSync(join(__dirname, "../../lib/internal/base64-alphabet.wat"), "utf8");
  const { buffer } = (await wabt()).parseWat("base64-alphabet.wat", source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString("base64")).toBe(ALPHABET_MODULE);
});

it("knows each character of the alphabet and no other byte, wherever it stands", () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const expected = /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 16 : 0;
    for (let place = 0; place < 16; place += 1) {
      const text = Buffer.alloc(17, "A");
      text[place] = byte;
      if (all(text) !== expected) throw new Error(`byte ${byte} at ${place} is taken for another`);
    }
  }
});

it.each([
  [0, 0],
  [16, 0],
  [17, 16],
  [32, 16],
  [33, 32],
  [ROOM, ROOM - 16],
  [ROOM + 1, ROOM],
  [200_000, 199_984],
])("of %i characters looks at %i, and leaves those that may be padded", (length, expected) => {
  expect(
    all(Buffer.concat([Buffer.alloc(Math.max(0, length - 1), "A"), Buffer.from("=").subarray(0, length)])),
  ).toBe(expected);
});

it("looks only at what it is asked for", () => {
  const text = Buffer.from(`!!!!${"A".repeat(40)}!!!!`);
  expect(plainLength(text, 4, 44)).toBe(32);
  expect(plainLength(text, 3, 44)).toBe(0);
});

it("knows nothing from the room on in which something else stands", () => {
  const text = Buffer.alloc(4 * ROOM, "A");
  text[2 * ROOM + 5] = 0x2d;
  expect(all(text)).toBe(2 * ROOM);
});

it("knows nothing where there is no WebAssembly", () => {
  const own: unknown = Reflect.get(globalThis, "WebAssembly");
  jest.isolateModules(() => {
    Reflect.deleteProperty(globalThis, "WebAssembly");
    try {
      const fresh: typeof import("../../lib/internal/base64-alphabet") = require("../../lib/internal/base64-alphabet");
      expect(fresh.plainLength(Buffer.alloc(100, "A"), 0, 100)).toBe(0);
    } finally {
      Reflect.set(globalThis, "WebAssembly", own);
    }
  });
});
