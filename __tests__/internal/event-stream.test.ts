import fc from "fast-check";

import { readEvents } from "../../lib/internal/event-stream";

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

async function read(text: string, places: readonly number[] = []): Promise<[string, string][]> {
  const events: [string, string][] = [];
  for await (const { name, data } of readEvents(each(cut(Buffer.from(text), places)))) {
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
    lines: fc.array(fc.stringMatching(/^[ -~]{0,12}$/), { minLength: 1, maxLength: 3 }),
    noise: fc.array(
      fc.constantFrom(": keep-alive", ":", "id: 7", "retry: 10", "unknown", "datax: 1", "dat"),
      {
        maxLength: 2,
      },
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 4 }), places, async (events, cuts) => {
      const text = events
        .map(({ name, lines, noise }) =>
          [
            ...noise,
            ...(name === "" ? [] : [`event: ${name}`]),
            ...lines.map((line) => `data: ${line}`),
            "",
            "",
          ].join("\n"),
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
  ["empty data", "data:\n\n", [["", ""]]],
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
  for await (const { name, data } of readEvents(source)) {
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
  for await (const { name } of readEvents(source())) {
    names.push(name);
    if (name === "b") break;
  }
  expect(names).toEqual(["a", "b"]);
  expect(isClosed).toBe(true);
});
