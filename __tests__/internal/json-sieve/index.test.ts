import fc from "fast-check";

import { JsonError, type JsonPattern, JsonSieve, type Sifted } from "../../../lib/internal/json-sieve";
import { coming, END, forEach } from "../../../lib/internal/supply";
import { Bursts, bursts } from "../../support/bursts";

const PICTURES: readonly JsonPattern[] = [["data", null, "b64_json"]];
const ITEMS: readonly JsonPattern[] = [["data", null]];
const KILOBYTE = 1024;

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  await forEach(chunks, (piece) => void pieces.push(piece));
  return Buffer.concat(pieces).toString("latin1");
}

interface Options {
  readonly strings?: readonly JsonPattern[];
  readonly values?: readonly JsonPattern[];
  readonly maxBytes?: number;
  readonly isUtf8Required?: boolean;
}

/** Of one text: how many pieces come at once, in turn; `undefined`: each is waited for. */
type Sizes = readonly number[] | undefined;

const sieve = (pieces: readonly Uint8Array[], options: Options = {}, sizes: Sizes = undefined) =>
  new JsonSieve(sizes === undefined ? each(pieces) : bursts(pieces, sizes), {
    strings: PICTURES,
    values: ITEMS,
    maxBytes: 64 * KILOBYTE,
    ...options,
  });

type Found = [kind: Sifted["kind"], path: string, value: unknown];

/** Every second find is waited for though it may be at hand. */
async function all(finds: JsonSieve): Promise<Found[]> {
  const found: Found[] = [];
  for (;;) {
    const isAsked = found.length % 2 === 0;
    const each = (isAsked ? undefined : finds.atHand()) ?? (await coming(finds));
    if (each === END) return found;
    const value = each.kind === "string" ? await text(each.read()) : each.value;
    found.push([each.kind, each.path.join("."), value]);
  }
}

const sift = (
  json: string,
  places: readonly number[] = [],
  options: Options = {},
  sizes: Sizes = undefined,
) => all(sieve(cut(Buffer.from(json), places), options, sizes));

const problem = async (json: string, places: readonly number[], sizes: Sizes) => {
  try {
    await sift(json, places, {}, sizes);
  } catch (error) {
    if (error instanceof JsonError) return error.problem;
    throw error;
  }
  return "none";
};

const places = fc.array(fc.nat(), { maxLength: 30 });
const sizesOrNone = fc.option(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }), {
  nil: undefined,
});
const base64 = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64"));

/** Writes JSON as some servers do: with white space, and characters escaped that need not be. */
function written(value: unknown, odd: () => number): string {
  const gap = () => ["", "", " ", "\n", "\t\r\n"][odd() % 5] ?? "";
  const character = (char: string) => {
    const plain = JSON.stringify(char).slice(1, -1);
    const code = `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return [plain, plain, plain, char === "/" ? "\\/" : plain, code][odd() % 5] ?? plain;
  };
  const string = (each: string) => `"${each.split("").map(character).join("")}"`;
  if (typeof value === "string") return string(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Array.isArray(value)
    ? value.map((each) => written(each, odd))
    : Object.entries(value).map(([key, each]) => `${string(key)}${gap()}:${gap()}${written(each, odd)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return gap() + open + gap() + members.join(`${gap()},${gap()}`) + gap() + close + gap();
}

const oddness = fc.array(fc.nat(), { minLength: 1, maxLength: 40 }).map((numbers) => {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
});

const item = fc.record(
  {
    b64_json: base64,
    revised_prompt: fc.string({ unit: "grapheme" }),
    seed: fc.integer(),
    more: fc.jsonValue({ maxDepth: 3 }),
  },
  { requiredKeys: [] },
);
const answer = fc.record(
  {
    created: fc.nat(),
    data: fc.array(item, { maxLength: 4 }),
    usage: fc.jsonValue({ maxDepth: 4 }),
    'b64_json"': fc.string(),
    size: fc.constantFrom("1024x1024", null),
  },
  { requiredKeys: ["data"] },
);

/** The members in another order: upstreams have theirs. */
const shuffled = <T extends object>(value: T, odd: () => number): T =>
  JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(value).sort(() => (odd() % 3) - 1))));

describe("any valid answer, in any chunks", () => {
  it("gives the pictures, each item and the whole, whatever order, escapes and white space", async () => {
    await fc.assert(
      fc.asyncProperty(answer, oddness, places, sizesOrNone, async (value, odd, cuts, sizes) => {
        const sent = shuffled({ ...value, data: value.data.map((each) => shuffled(each, odd)) }, odd);
        const rests = sent.data.map((each) => ("b64_json" in each ? { ...each, b64_json: "" } : each));
        const expected: Found[] = sent.data.flatMap((each, index): Found[] => [
          ...(each.b64_json === undefined
            ? []
            : [["string", `data.${index}.b64_json`, each.b64_json] satisfies Found]),
          ["value", `data.${index}`, rests[index]],
        ]);
        expected.push(["value", "", { ...sent, data: rests }]);
        expect(await sift(written(sent, odd), cuts, {}, sizes)).toEqual(expected);
      }),
      { numRuns: 1_500 },
    );
  });

  it("gives the same byte by byte as at once", async () => {
    const json = JSON.stringify({
      created: 1,
      data: [{ b64_json: "QUJD" }, { b64_json: "" }],
      n: -1.5e3,
      ok: true,
    });
    const everywhere = Array.from({ length: json.length }, (_, at) => at);
    expect(await sift(json, everywhere)).toEqual(await sift(json));
  });

  it("hands a long string on as it came, without copying it", async () => {
    const long = Buffer.alloc(64 * KILOBYTE, "QUJD");
    const head = Buffer.from('{"data":[{"b64_json":"');
    for await (const found of sieve([head, long, long, Buffer.from('"}]}')])) {
      if (found.kind !== "string") continue;
      const pieces: Uint8Array[] = [];
      for await (const piece of found.read()) pieces.push(piece);
      expect(pieces.map(({ buffer, byteLength }) => [buffer === long.buffer, byteLength])).toEqual([
        [true, long.length],
        [true, long.length],
      ]);
    }
  });
});

describe("strings that are handed out", () => {
  it("are unescaped, also where an escape is cut in two", async () => {
    const json = '{"data":[{"b64_json":"a\\/b\\u002Fc\\n\\"\\\\\\u00e9"}]}';
    for (let at = 0; at <= json.length; at += 1) {
      const [[, , value] = []] = await sift(json, [at]);
      expect(value).toBe('a/b/c\n"\\\xff');
    }
  });

  it("may be left unread, or in the middle, and are skipped then", async () => {
    const json = '{"data":[{"b64_json":"AAAA\\u0041BBBB"},{"b64_json":"CCCC"}],"created":7}';
    const paths: string[] = [];
    const finds = sieve(cut(Buffer.from(json), [24, 26, 28, 40]));
    for await (const found of finds) {
      paths.push(`${found.kind} ${found.path.join(".")}`);
      if (found.kind === "string" && found.path[1] === 0) for await (const _ of found.read()) break;
    }
    expect(paths).toEqual([
      "string data.0.b64_json",
      "value data.0",
      "string data.1.b64_json",
      "value data.1",
      "value ",
    ]);
  });

  it("are found under an escaped key, and only at their own place", async () => {
    const json =
      '{"b64_json":"a","data":[{"b64\\u005fjson":"b","x":{"b64_json":"c"}}],"more":{"data":[{"b64_json":"d"}]}}';
    const found = await sift(json);
    expect(found.filter(([kind]) => kind === "string")).toEqual([["string", "data.0.b64_json", "b"]]);
  });

  it("are no strings at all in some answers", async () => {
    expect(await sift('{"data":[{"b64_json":null},{"b64_json":{"a":1}},{"b64_json":7}]}')).toEqual([
      ["value", "data.0", { b64_json: null }],
      ["value", "data.1", { b64_json: { a: 1 } }],
      ["value", "data.2", { b64_json: 7 }],
      ["value", "", { data: [{ b64_json: null }, { b64_json: { a: 1 } }, { b64_json: 7 }] }],
    ]);
  });
});

describe("keys that are there twice", () => {
  it("mean the last one, as to JSON.parse, where nothing is handed out", async () => {
    const json =
      '{"created":1,"created":2,"more":{"data":1,"data":2},"data":[{"seed":1,"b64_json":"A","seed":2},{"b64_json":"B"}]}';
    expect(await sift(json)).toEqual([
      ["string", "data.0.b64_json", "A"],
      ["value", "data.0", { seed: 2, b64_json: "" }],
      ["string", "data.1.b64_json", "B"],
      ["value", "data.1", { b64_json: "" }],
      ["value", "", { ...JSON.parse(json), data: [{ seed: 2, b64_json: "" }, { b64_json: "" }] }],
    ]);
  });

  it("are told each time where they are told at all", async () => {
    const found = await sift('{"type":"a","type":"b"}', [], { values: [["type"]] });
    expect(found).toEqual([
      ["value", "type", "a"],
      ["value", "type", "b"],
      ["value", "", { type: "b" }],
    ]);
  });
});

describe("hostile texts", () => {
  it.each([
    ["", "truncated"],
    ["  ", "truncated"],
    ["{", "truncated"],
    ['{"data":[{"b64_json":"AAAA', "truncated"],
    ['{"data":[{"b64_json":"AAAA\\', "truncated"],
    ['{"data":[{"b64_json":"AAAA"', "truncated"],
    ['{"a', "truncated"],
    ['{"a":"b', "truncated"],
    ["[1", "truncated"],
    ["{}}", "broken"],
    ["{]", "broken"],
    ["{} {}", "broken"],
    ["{},", "broken"],
    ["[1,]", "broken"],
    ['{"a":1,}', "broken"],
    ['{"a" 1}', "broken"],
    ['{"a"::1}', "broken"],
    ["{1:2}", "broken"],
    ["[1 2]", "broken"],
    ['["a" "b"]', "broken"],
    ["[nul]", "broken"],
    ["[01]", "broken"],
    ['["\\x"]', "broken"],
    ['{"data":[{"b64_json":"\\x41"}]}', "broken"],
    ['{"data":[{"b64_json":"\\u00g1"}]}', "broken"],
    ['{"data":[{"b64_json":"A"}],"data":[{"b64_json":"B"}]}', "repeated_key"],
    ['{"data":null,"data":[{"b64_json":"B"}]}', "repeated_key"],
    ['{"data":[{"b64_json":"A","b64\\u005fjson":"B"}]}', "repeated_key"],
    ["<html>", "broken"],
    [`${"[".repeat(33)}${"]".repeat(33)}`, "too_deep"],
  ])("%j is %s, whatever the chunks", async (json, expected) => {
    await fc.assert(
      fc.asyncProperty(places, sizesOrNone, async (cuts, sizes) => {
        expect(await problem(json, cuts, sizes)).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("name the place that is there twice", async () => {
    const json = '{"data":[{},{"b64_json":"A","b64_json":"B"}]}';
    await expect(sift(json)).rejects.toMatchObject({ problem: "repeated_key", place: "data.1.b64_json" });
  });

  it("may have broken UTF-8 for other text, or be refused for it, wherever the chunks end", async () => {
    const whole = Buffer.from('{"k\u00e9y":"\u732b","data":[{"b64_json":"AAAA"}]}');
    const broken = Buffer.from(whole);
    broken.writeUInt8(0xff, whole.indexOf(Buffer.from("\u732b")));
    for (let place = 0; place <= whole.length; place += 1) {
      const strictly = (bytes: Buffer) => all(sieve(cut(bytes, [place]), { isUtf8Required: true }));
      expect((await strictly(whole)).at(-1)?.[2]).toEqual({ k\u00e9y: "\u732b", data: [{ b64_json: "" }] });
      await expect(strictly(broken)).rejects.toMatchObject({ problem: "broken" });
    }
    expect((await all(sieve([broken]))).at(-1)?.[2]).toHaveProperty("k\u00e9y");
  });

  it("agrees with JSON.parse about what is JSON", async () => {
    const token = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"b64_json"',
      '"data"',
      "1",
      "-",
      "true",
      "nu",
      " ",
      '"',
      "\\",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 10 }), places, async (tokens, cuts) => {
        const json = tokens.join("");
        let value: unknown;
        let isJson = true;
        try {
          value = JSON.parse(json);
        } catch {
          isJson = false;
        }
        const [last] = (await sift(json, cuts, { strings: [] }).catch(() => [])).slice(-1);
        if (isJson) expect(last).toEqual(["value", "", value]);
        if (!isJson) expect(last).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["a string that is not a picture", '{"x":"', "A"],
    ["a key", '{"', "A"],
    ["white space", "{", " "],
    ["a number", "[", "1"],
  ])("holds no more than it may of %s without end", async (_name, head, filling) => {
    const chunk = Buffer.alloc(64 * KILOBYTE, filling);
    let read = 0;
    async function* endless() {
      yield Buffer.from(head);
      for (;;) {
        read += 1;
        yield chunk;
      }
    }
    const finds = new JsonSieve(endless(), { strings: PICTURES, maxBytes: 1024 * KILOBYTE });
    await expect(finds.next()).rejects.toMatchObject({ problem: "too_large" });
    expect(read).toBeLessThanOrEqual(18);
  });

  it("reads escapes by the million in time that grows with their number, not its square", async () => {
    const head = '{"data":[{"b64_json":"';
    const json = Buffer.from(`${head}${"\\/".repeat(2_000_000)}"}]}`);
    const pieces = Array.from({ length: Math.ceil(json.length / 65_536) }, (_, at) =>
      json.subarray(at * 65_536, (at + 1) * 65_536),
    );
    let bytes = 0;
    let handed = 0;
    for await (const found of sieve(pieces)) {
      if (found.kind === "string") {
        for await (const piece of found.read()) {
          bytes += piece.length;
          handed += 1;
        }
      }
    }
    expect(bytes).toBe(2_000_000);
    expect(handed).toBeLessThanOrEqual(pieces.length);
  });
});

describe("the source", () => {
  function watched(pieces: readonly string[], end?: Error) {
    const state = { closed: 0 };
    async function* source() {
      try {
        for (const piece of pieces) yield Buffer.from(piece);
        if (end !== undefined) throw end;
      } finally {
        state.closed += 1;
      }
    }
    return { state, finds: new JsonSieve(source(), { strings: PICTURES, maxBytes: KILOBYTE }) };
  }

  it("is closed when the text is broken", async () => {
    const { state, finds } = watched(["}", "{}"]);
    await expect(finds.next()).rejects.toThrow(JsonError);
    expect(state.closed).toBe(1);
    expect(await finds.next()).toEqual({ done: true, value: undefined });
  });

  it("is closed when what is at hand is broken, which is told once", async () => {
    const source = new Bursts<Uint8Array>([], undefined, [Buffer.from('{"a":1 :,"a":2}')]);
    const finds = new JsonSieve(source, { strings: PICTURES, values: [["a"]], maxBytes: KILOBYTE });
    expect(finds.atHand()).toEqual({ kind: "value", path: ["a"], value: 1 });
    expect([finds.atHand(), finds.arrival(), finds.atHand()]).toEqual([undefined, undefined, undefined]);
    await expect(finds.next()).rejects.toThrow(JsonError);
    expect([source.asked.return, finds.atHand()]).toEqual([1, END]);
  });

  it("is closed when the reader leaves", async () => {
    const { state, finds } = watched(['{"data":[{"b64_json":"A', 'A"}]}']);
    for await (const _ of finds) break;
    expect(state.closed).toBe(1);
  });

  it("is told to return once, and not at all when it has ended", async () => {
    const left = new Bursts<Uint8Array>([[Buffer.from("{")], [Buffer.from("}")]]);
    const finds = new JsonSieve(left, { strings: PICTURES, maxBytes: KILOBYTE });
    await Promise.all([finds.return(), finds.return()]);
    const ended = new Bursts<Uint8Array>([], undefined, [Buffer.from("{}")]);
    const all = new JsonSieve(ended, { strings: PICTURES, maxBytes: KILOBYTE });
    expect([all.atHand(), all.atHand()]).toEqual([{ kind: "value", path: [], value: {} }, END]);
    await all.return();
    expect([left.asked.return, ended.asked.return]).toEqual([1, 0]);
  });

  it("has its errors handed on, from inside a string too", async () => {
    const { finds } = watched(['{"data":[{"b64_json":"A'], new Error("reset"));
    const { value } = await finds.next();
    if (value?.kind !== "string") throw new Error("no string");
    await expect(text(value.read())).rejects.toThrow("reset");
    const { finds: others } = watched(["{"], new Error("reset"));
    await expect(others.next()).rejects.toThrow("reset");
  });

  it.each([
    ["by promises", undefined],
    ["at once", [100]],
  ])("leaves others their turn when all of it is there %s", async (_how, sizes) => {
    const chunk = Buffer.alloc(64 * KILOBYTE, "A");
    const pieces = [
      Buffer.from('{"data":[{"b64_json":"'),
      ...Array.from({ length: 64 }, () => chunk),
      Buffer.from('"}]}'),
    ];
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await all(sieve(pieces, {}, sizes));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});
