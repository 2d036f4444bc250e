import fc from "fast-check";

import { readEvents } from "../../lib/internal/event-stream";

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const tooLong = () => new Error("too long");
const limits = { maxBytes: 10_000, tooLong };

async function read(text: string, places: readonly number[] = []): Promise<[string, string][]> {
  const events: [string, string][] = [];
  for await (const { name, data } of readEvents(each(cut(Buffer.from(text), places)), limits)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of data) pieces.push(piece);
    events.push([name, Buffer.concat(pieces).toString()]);
  }
  return events;
}

const places = fc.array(fc.nat(), { maxLength: 20 });

it("gives name and data of each event, whatever the chunks, with comments and other fields between", async () => {
  const event = fc.record({
    name: fc.constantFrom("", "image_generation.completed", "error"),
    lines: fc
      .array(fc.stringMatching(/^[ -~]{0,12}$/), { minLength: 1, maxLength: 3 })
      .filter((lines) => lines.join("\n") !== ""),
    noise: fc.array(
      fc.constantFrom(": keep-alive", ":", "id: 7", "retry: 10", "unknown", "datax: 1", "dat"),
      {
        maxLength: 2,
      },
    ),
  });
  const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 4 }), lineEnd, places, async (events, end, cuts) => {
      const text = events
        .map(({ name, lines, noise }) =>
          [
            ...noise,
            ...(name === "" ? [] : [`event: ${name}`]),
            ...lines.flatMap((line) => [`data: ${line}`, ...noise]),
            "",
            "",
          ].join(end),
        )
        .join("");
      expect(await read(text, cuts)).toEqual(events.map(({ name, lines }) => [name, lines.join("\n")]));
    }),
    { numRuns: 500 },
  );
});

it.each([
  [
    "lines that end in both characters",
    "event: a\r\ndata: {}\r\n\r\ndata: 2\r\n\r\n",
    [
      ["a", "{}"],
      ["", "2"],
    ],
  ],
  ["no space behind the colon", "event:a\ndata:{}\n\n", [["a", "{}"]]],
  ["only one space taken away", "data:  x\n\n", [["", " x"]]],
  ["an end without an empty line", "event: a\ndata: {}", [["a", "{}"]]],
  ["data that is empty as no event", "event: error\ndata:\n\ndata: 1\n\ndata: \n\ndata\n\n", [["", "1"]]],
  ["a line of data without a colon as an empty one", "data\ndata: 1\ndata\n\n", [["", "\n1\n"]]],
  [
    "three kinds of line ends",
    "event: a\rdata: 1\r\ndata: 2\n\rdata: 3\r\r",
    [
      ["a", "1\n2"],
      ["", "3"],
    ],
  ],
  ["a comment in the midst of data", "data: 1\n: ping\ndata: 2\n\n", [["", "1\n2"]]],
  ["a name without data", "event: a\n\ndata: 1\n\n", [["", "1"]]],
  ["nothing", "", []],
  ["a comment alone", ": hello\n\n", []],
])("reads %s", async (_title, text, expected) => {
  expect(await read(text)).toEqual(expected);
});

it("hands long data on as it came, and keeps no more of another field than it must", async () => {
  const long = Buffer.alloc(100_000, "x");
  const pieces: Uint8Array[] = [];
  const source = each([Buffer.from(`event: ${"n".repeat(5_000)}\ndata: `), long, long, Buffer.from("\n\n")]);
  for await (const { name, data } of readEvents(source, limits)) {
    expect(name.length).toBeLessThan(2_000);
    for await (const piece of data) pieces.push(piece);
  }
  expect(pieces.map(({ buffer, length }) => [buffer === long.buffer, length])).toEqual([
    [true, long.length],
    [true, long.length],
  ]);
});

it("skips data that is not read, and closes its source when the reader leaves", async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield Buffer.from("event: a\ndata: {1");
      yield Buffer.from("}\n\nevent: b\ndata: 2\n\n");
      yield Buffer.from("data: 3\n\n");
    } finally {
      isClosed = true;
    }
  }
  const names: string[] = [];
  for await (const { name } of readEvents(source(), limits)) {
    names.push(name);
    if (name === "b") break;
  }
  expect(names).toEqual(["a", "b"]);
  expect(isClosed).toBe(true);
});

it("skips the rest of data whose reader has left", async () => {
  const source = each([Buffer.from("data: {1"), Buffer.from("2}\ndata: 3\n\nevent: b\ndata: 4\n\n")]);
  const read: [string, string][] = [];
  for await (const { name, data } of readEvents(source, limits)) {
    for await (const piece of data) {
      read.push([name, String(piece)]);
      break;
    }
  }
  expect(read).toEqual([
    ["", "{1"],
    ["b", "4"],
  ]);
});

it.each([
  ["empty lines", "\n"],
  ["line ends of both characters", "\r\n"],
  ["comments", ": ping\n\n"],
  ["one comment", ":"],
  ["one name", "event: "],
  ["names", "event: ping\n\n"],
  ["unknown fields", "id: 1\nretry: 2\n"],
  ["data that is empty", "data:\n\n"],
  ["short data", "data: 1\n\n"],
])("gives up on %s without end, wherever a piece ends", async (_title, text) => {
  for (const size of [1, 7, 64_000]) {
    let bytes = 0;
    async function* endless() {
      const piece = Buffer.from(text.repeat(size));
      for (;;) {
        bytes += piece.length;
        yield piece;
      }
    }
    const readAll = async () => {
      for await (const _ of readEvents(endless(), { maxBytes: 1_000, tooLong }));
    };
    await expect(readAll()).rejects.toThrow("too long");
    expect(bytes).toBeLessThanOrEqual(2_000 + size * text.length);
  }
});

it("counts no data against that, but each event", async () => {
  const count = async (events: number) => {
    let read = 0;
    const source = each([Buffer.from(`data: ${"x".repeat(1_000)}\n\n`.repeat(events))]);
    for await (const _ of readEvents(source, { maxBytes: 7_200, tooLong })) read += 1;
    return read;
  };
  expect(await count(100)).toBe(100);
  await expect(count(101)).rejects.toThrow("too long");
});
