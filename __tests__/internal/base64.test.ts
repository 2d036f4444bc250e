import fc from "fast-check";

import {
  Base64Error,
  checkingBase64,
  decodeBase64,
  encodeBase64,
  encodedLength,
  withoutDataPrefix,
} from "../../lib/internal/base64";
import { Flow } from "../../lib/internal/flow";

async function* each<T>(pieces: readonly T[]): AsyncGenerator<T> {
  yield* pieces;
}

async function* through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

/** Cuts at the given places, which may lie anywhere; empty pieces included. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const decode = async (pieces: readonly Uint8Array[]): Promise<Buffer> => {
  const decoded: Uint8Array[] = [];
  for await (const piece of decodeBase64(each(pieces))) decoded.push(piece);
  return Buffer.concat(decoded);
};

const decodeText = (text: string, places: readonly number[] = []) =>
  decode(cut(Buffer.from(text, "latin1"), places));

const places = fc.array(fc.nat(), { maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 400 });
const prefix = fc.constantFrom(
  "",
  "data:;base64,",
  "data:image/png;base64,",
  "data:image/svg+xml;base64,",
  "DATA:Image/PNG;Base64,",
  "data:image/png;charset=utf-8;name=a%20b.png;base64,",
  `data:image/png;name=${"a".repeat(300)};base64,`,
);

describe("decodeBase64", () => {
  it("gives the bytes back, however prefix, lines and chunks divide the text", async () => {
    const width = fc.integer({ min: 1, max: 90 });
    const newline = fc.constantFrom("", "\n", "\r\n", " \t");
    await fc.assert(
      fc.asyncProperty(bytes, prefix, width, newline, places, async (data, before, line, end, cuts) => {
        const lines = Buffer.from(data)
          .toString("base64")
          .replace(new RegExp(`.{${line}}`, "g"), (each) => each + end);
        expect(await decodeText(end + before + lines + end, cuts)).toEqual(Buffer.from(data));
      }),
      { numRuns: 300 },
    );
  });

  it.each(["data", "dat=", "da==", "d+==", "dataurl/", "dAAA"])("takes %s for what it is", async (text) => {
    expect(await decodeText(text)).toEqual(Buffer.from(text, "base64"));
    expect(await decodeText(text, [1, 2, 3])).toEqual(Buffer.from(text, "base64"));
  });

  it.each([
    ["a length that is no multiple of four", "AAAAA"],
    ["a missing padding", "AAA"],
    ["too much padding", "A==="],
    ["padding alone", "===="],
    ["padding in the middle", "AA==AAAA"],
    ["padding after a whole quad", "AAAA="],
    ["padding before the last character", "AA=A"],
    ["URL-safe characters", "AA-_"],
    ["a NUL", "AA\0A"],
    ["a no-break space", "AAAA\xa0"],
    ["a byte above ASCII", "AA\xe9A"],
    ["another data: form", "data:image/svg+xml,<svg/>"],
    ["a prefix without its end", "data:image/png;base64"],
    ["a prefix in the middle", "AAAAdata:image/png;base64,AAAA"],
    ["two prefixes", "data:;base64,data:;base64,AAAA"],
    ["an endless prefix", `data:${"a".repeat(2_000)};base64,AAAA`],
    ["parameters without base64", "data:image/png;charset=utf-8,AAAA"],
    ["base64 that is no word of its own", "data:image/png;notbase64,AAAA"],
    ["HTML", "<!doctype html>"],
  ])("refuses %s, whatever the chunks", async (_name, text) => {
    await fc.assert(
      fc.asyncProperty(places, async (cuts) => {
        await expect(decodeText(text, cuts)).rejects.toThrow(Base64Error);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["undeclared", "data:image/png,AAAA"],
    ["undeclared", "data:image/png;base64"],
    ["broken", "data:image/png;base64,%%%%"],
  ])("says %s of %s", async (problem, text) => {
    await expect(decodeText(text)).rejects.toMatchObject({ problem });
  });

  it("agrees with itself on any text, whatever the chunks", async () => {
    const text = fc.array(fc.constantFrom("A", "z", "/", "=", "\n", "*", "data:", ",", ";base64,"), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(text, places, async (parts, cuts) => {
        const outcome = (work: Promise<Buffer>) => work.then((decoded) => decoded.toString("hex"), String);
        expect(await outcome(decodeText(parts.join(""), cuts))).toBe(
          await outcome(decodeText(parts.join(""))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("lends its pieces to a reader who has said so: they come in the same memory", async () => {
    const text = Buffer.from(Buffer.alloc(60_000, "Zm9vYmFyLw+/").toString("base64"), "latin1");
    const pieces = cut(text, [20_001, 40_003, 41_001, 60_000]);
    const roomsOf = async (flow: AsyncIterable<Uint8Array>) => {
      const rooms = new Set<ArrayBufferLike>();
      const bytes: Buffer[] = [];
      for await (const piece of flow) {
        rooms.add(piece.buffer);
        bytes.push(Buffer.from(piece));
      }
      expect(Buffer.concat(bytes)).toEqual(Buffer.from(text.toString("latin1"), "base64"));
      return rooms.size;
    };
    const own = await roomsOf(decodeBase64(each(pieces)));
    expect(await roomsOf(decodeBase64(each(pieces)).lent())).toBeLessThan(own);
    // Who reads the stream for somebody else has not said so.
    expect(await roomsOf(Flow.from(through(decodeBase64(each(pieces)))).lent())).toBe(own);
  });

  it("closes its source when the data is broken and when the reader leaves", async () => {
    let closed = 0;
    async function* source(text: string) {
      try {
        yield Buffer.from(text);
        yield Buffer.from("AAAA");
      } finally {
        closed += 1;
      }
    }
    await expect(decodeBase64(source("!!!!")).next()).rejects.toThrow(Base64Error);
    expect(closed).toBe(1);
    for await (const _ of decodeBase64(source("AAAA"))) break;
    expect(closed).toBe(2);
  });

  it("hands an error of its source on", async () => {
    async function* broken() {
      yield Buffer.from("AAAA");
      throw new Error("reset");
    }
    await expect(async () => {
      for await (const _ of decodeBase64(broken()));
    }).rejects.toThrow("reset");
  });
});

describe("checkingBase64", () => {
  const plainBase64 = (source: AsyncIterable<Uint8Array>) =>
    Flow.from(source).through(withoutDataPrefix()).through(checkingBase64());
  const passed = async (pieces: readonly Uint8Array[]): Promise<string> => {
    let text = "";
    for await (const piece of plainBase64(each(pieces))) text += Buffer.from(piece).toString("latin1");
    return text;
  };

  it("passes on what decodes to the same bytes, without prefix and lines, however chunks divide it", async () => {
    const width = fc.integer({ min: 1, max: 90 });
    const newline = fc.constantFrom("", "\n", "\r\n", " \t");
    await fc.assert(
      fc.asyncProperty(bytes, prefix, width, newline, places, async (data, before, line, end, cuts) => {
        const plain = Buffer.from(data).toString("base64");
        const lines = plain.replace(new RegExp(`.{${line}}`, "g"), (each) => each + end);
        expect(await passed(cut(Buffer.from(end + before + lines + end), cuts))).toBe(plain);
      }),
      { numRuns: 300 },
    );
  });

  it("fails exactly where decoding fails", async () => {
    const text = fc.array(fc.constantFrom("A", "z", "/", "=", "\n", "*", "-", "data:", ",", ";base64,"), {
      maxLength: 12,
    });
    const fails = (work: Promise<unknown>) =>
      work.then(
        () => false,
        (error) => error instanceof Base64Error,
      );
    await fc.assert(
      fc.asyncProperty(text, places, async (parts, cuts) => {
        const pieces = cut(Buffer.from(parts.join("")), cuts);
        expect(await fails(passed(pieces))).toBe(await fails(decode(pieces)));
      }),
      { numRuns: 500 },
    );
  });

  it("finds what is wrong in a long text, wherever it stands and however chunks divide that", async () => {
    const wrong = fc.constantFrom(
      "",
      "-",
      "_",
      "=",
      "!",
      '"',
      "\\",
      "\x00",
      "\x80",
      "\xc1",
      "@",
      "[",
      "`",
      "{",
      ".",
      ":",
      " ",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 150_000 }),
        fc.nat(),
        wrong,
        places,
        async (length, at, odd, cuts) => {
          const text = Buffer.from(Buffer.alloc(length, "Zm9vYmFyLw+/").toString("base64"), "latin1");
          if (odd !== "") text.write(odd, at % text.length, "latin1");
          const pieces = cut(text, cuts);
          const decoded = await decode(pieces).catch(() => undefined);
          const plain = await passed(pieces).catch(() => undefined);
          // Not the text: bits that stand over before padding are nobody's.
          expect(plain === undefined ? undefined : Buffer.from(plain, "base64")).toEqual(decoded);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("does not copy what is plain already", async () => {
    const chunk = Buffer.from("A".repeat(1_001));
    const pieces: Uint8Array[] = [];
    for await (const piece of plainBase64(each([Buffer.alloc(200, "A"), chunk, Buffer.from("AAA")])))
      pieces.push(piece);
    expect(pieces[1]?.buffer).toBe(chunk.buffer);
  });
});

describe("encodeBase64", () => {
  it("equals Buffer's own, and is as long as said, for any chunks", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, places, async (data, cuts) => {
        let text = "";
        for await (const piece of encodeBase64(each(cut(Buffer.from(data), cuts)))) text += piece;
        expect(text).toBe(Buffer.from(data).toString("base64"));
        expect(text).toHaveLength(encodedLength(data.length));
      }),
      { numRuns: 300 },
    );
  });

  it("does not care what becomes of a chunk it has read", async () => {
    async function* reusing() {
      const chunk = Buffer.alloc(4);
      for (const text of ["abcd", "efgh", "ijkl"]) {
        chunk.write(text);
        yield chunk;
        chunk.fill(0);
      }
    }
    let text = "";
    for await (const piece of encodeBase64(reusing())) text += piece;
    expect(Buffer.from(text, "base64").toString()).toBe("abcdefghijkl");
  });

  it("reads views for what they show", async () => {
    const view = new Uint8Array(Buffer.from("xxabcxx")).subarray(2, 5);
    const { value } = await encodeBase64(each([view])).next();
    expect(Buffer.from(value ?? []).toString()).toBe("YWJj");
  });
});
