import { decodeBase64 } from "../../lib/internal/base64";
import { Cuttable } from "../../lib/internal/cuttable";
import { Flow } from "../../lib/internal/flow";
import { JsonSieve } from "../../lib/internal/json-sieve";
import { Pieces } from "../../lib/internal/pieces";
import { replay } from "../../lib/internal/replay";
import { arrival, atHand, coming, END, forEach } from "../../lib/internal/supply";
import { untilAborted } from "../../lib/internal/until-aborted";
import { Bursts, Hanging } from "../support/bursts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const BURSTS = [
  [bytes("AAAA"), bytes("BBBB")],
  [bytes("CCCC")],
  [bytes("DD"), bytes("DDEEEE"), bytes("FFFF")],
];
const WHOLE = "AAAABBBBCCCCDDDDEEEEFFFF";

async function text(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  await forEach(source, (piece) => void pieces.push(piece));
  return Buffer.concat(pieces).toString("latin1");
}

describe("forEach", () => {
  it("asks for a promise only where nothing is at hand", async () => {
    const source = new Bursts([[1, 2, 3], [4], [5, 6]]);
    const taken: number[] = [];
    await forEach(source, (value) => void taken.push(value));
    expect(taken).toEqual([1, 2, 3, 4, 5, 6]);
    expect(source.asked).toEqual({ next: 0, arrival: 3, return: 0 });
  });

  it("does with any other iterator what `for await` does", async () => {
    async function* other() {
      yield* [1, 2, 3];
    }
    const taken: number[] = [];
    await forEach(other(), (value) => void taken.push(value));
    expect(taken).toEqual([1, 2, 3]);
    expect([atHand(other()), arrival(other())]).toEqual([undefined, undefined]);
  });

  it("waits for what is done with a value before it takes the next", async () => {
    const log: string[] = [];
    await forEach(new Bursts([["a", "b"]]), async (value) => {
      log.push(`${value} begins`);
      await Promise.resolve();
      log.push(`${value} ends`);
    });
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("full"))],
  ])("leaves the source when what is done with a value %s", async (_how, use) => {
    const source = new Bursts([[1, 2]]);
    await expect(forEach(source, use)).rejects.toThrow("full");
    expect(source.asked.return).toBe(1);
  });

  it("says why it stopped, also when the source fails while it is left", async () => {
    const source = new Bursts([[1]]);
    source.return = () => Promise.reject(new Error("while it was left"));
    await expect(forEach(source, () => Promise.reject(new Error("full")))).rejects.toThrow("full");
  });

  it("rejects with what the source fails with, which is not told to return then", async () => {
    const source = new Bursts([[1]], new Error("reset"));
    await expect(forEach(source, () => undefined)).rejects.toThrow("reset");
    expect(source.asked.return).toBe(0);
  });
});

describe("what stands between a source and its reader", () => {
  const never = new AbortController().signal;
  const json = (source: Bursts<Uint8Array>): AsyncIterable<Uint8Array> => ({
    async *[Symbol.asyncIterator]() {
      const finds = new JsonSieve(source, { strings: [["b64_json"]], maxBytes: 1_000 });
      const { value: found } = await finds.next();
      if (found?.kind === "string") yield Buffer.from(await text(found.read()));
    },
  });
  const inJson = [
    [bytes('{"b64_json":"AAAA'), ...(BURSTS[0] ?? []).slice(1)],
    ...BURSTS.slice(1),
    [bytes('"}')],
  ];

  type Layer = (source: Bursts<Uint8Array>) => AsyncIterable<Uint8Array>;
  const LAYERS: [name: string, layer: Layer, bursts?: Uint8Array[][]][] = [
    [
      "pieces",
      (source) =>
        new Pieces({
          async next() {
            const { value } = await source.next();
            return value;
          },
          atHand: () => source.atHand(),
          arrival: () => source.arrival(),
        }),
    ],
    ["a replay", (source) => replay([bytes(""), bytes("")], source)],
    ["a flow", (source) => Flow.from(source).through({})],
    ["something that ends with a signal", (source) => untilAborted(source, never)],
    ["something that can be cut", (source) => new Cuttable(source)],
    ["a string in a JSON text", json, inJson],
    ["all of them", (source) => new Cuttable(untilAborted(Flow.from(replay([], source)), never))],
  ];

  it.each(LAYERS)("hands on what is at hand: %s", async (_name, layer, given = BURSTS) => {
    const source = new Bursts(given);
    expect(await text(layer(source))).toBe(WHOLE);
    // What a signal may end is begun by `next`.
    expect(source.asked.next).toBeLessThanOrEqual(1);
    expect(source.asked.arrival).toBeGreaterThanOrEqual(given.length - 1);
  });

  it.each(LAYERS)("ends and fails while it was waited for: %s", async (_name, layer, given = BURSTS) => {
    const source = new Bursts([...given, []]);
    expect(await text(layer(source))).toBe(WHOLE);
    expect(source.asked.next).toBeLessThanOrEqual(1);
    const failing = new Bursts([...given.slice(0, -1), []], new Error("reset"));
    await expect(text(layer(failing))).rejects.toThrow("reset");
  });

  it("gives what was read before, and then what is at hand", async () => {
    const replayed = replay([bytes("A"), bytes("B")], new Bursts([[bytes("C")], [bytes("D")]]));
    expect(replayed.arrival()).toBeUndefined();
    expect(await text(replayed)).toBe("ABCD");
  });

  it("tells the stages of a flow that it begins before it hands on anything", async () => {
    const log: string[] = [];
    const source = new Bursts([[bytes("B")]], undefined, [bytes("A")]);
    const flow = Flow.from(source).through({ begun: () => log.push("begun") });
    await forEach(flow, (piece) => void log.push(Buffer.from(piece).toString()));
    expect(log).toEqual(["begun", "A", "B"]);
  });

  it("says that a string in a JSON text is broken though nothing follows", async () => {
    const source = new Hanging([bytes('{"b64_json":"AAAA'), bytes("\\x")]);
    const finds = new JsonSieve(source, { strings: [["b64_json"]], maxBytes: 1_000 });
    const { value: found } = await finds.next();
    if (found?.kind !== "string") throw new Error("found no string");
    await expect(text(found.read())).rejects.toMatchObject({ problem: "broken" });
  });

  it("decodes what is at hand", async () => {
    const source = new Bursts(BURSTS);
    expect(await text(decodeBase64(source))).toBe(Buffer.from(WHOLE, "base64").toString("latin1"));
    expect(source.asked.next).toBe(0);
  });

  it.each(LAYERS)("has its end at hand as often as it is asked: %s", async (_name, layer, given = BURSTS) => {
    const iterator = layer(new Bursts([], undefined, given.flat()))[Symbol.asyncIterator]();
    while ((atHand(iterator) ?? (await coming(iterator))) !== END);
    expect(await coming(iterator)).toBe(END);
    // That one is an async generator around it.
    expect(atHand(iterator)).toBe(layer === json ? undefined : END);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
