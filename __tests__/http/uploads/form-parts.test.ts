import fc from "fast-check";

import { type FormPart, formParts } from "../../../lib/http/uploads/form-parts";
import { GatewayError } from "../../../lib/ports";
import { BOUNDARY, field, file, formBody, MULTIPART, type RawPart } from "../../support/forms";

interface Read {
  readonly name: string | undefined;
  readonly fileName: string | undefined;
  readonly content: Buffer;
}

async function contentOf({ bytes }: FormPart): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function read(source: AsyncIterable<Uint8Array>, contentType = MULTIPART): Promise<Read[]> {
  const all: Read[] = [];
  for await (const part of formParts(source, contentType)) {
    all.push({ name: part.name, fileName: part.fileName, content: await contentOf(part) });
  }
  return all;
}

async function* inPieces(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** Cut at these places. */
function cut(body: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % body.length))].sort((a, b) => a - b);
  return [0, ...ends].map((start, at) => body.subarray(start, ends[at] ?? body.length));
}

const refusal = async (source: AsyncIterable<Uint8Array>, contentType?: string) => {
  try {
    await read(source, contentType);
  } catch (error) {
    if (!GatewayError.is(error)) throw error;
    return [error.status, error.code, error.message];
  }
  throw new Error("the form was accepted");
};

const NOT_WHOLE = [400, "invalid_request", "The form is not a whole multipart body."];
const PARTS = [field("prompt", "a red cube"), file("image", Buffer.from([0, 13, 10, 45, 45, 255]), "a.png")];
const BODY = formBody(PARTS);

it("gives the parts in their order, with name, file name and bytes", async () => {
  expect(await read(inPieces(BODY))).toEqual([
    { name: "prompt", fileName: undefined, content: Buffer.from("a red cube") },
    { name: "image", fileName: "a.png", content: Buffer.from([0, 13, 10, 45, 45, 255]) },
  ]);
});

it("gives the same for any split of any form", async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    // What looks like the end of a part, and is none.
    fc
      .array(
        fc.constantFrom("\r", "\n", "\r\n", "-", "--", `\r\n--${BOUNDARY.slice(0, 20)}`, BOUNDARY, "a"),
        {
          maxLength: 12,
        },
      )
      .map((pieces) => `a${pieces.join("")}`)
      .filter((text) => !text.includes(`\r\n--${BOUNDARY}`))
      .map((text) => Buffer.from(text)),
  );
  const part = fc.record({
    name: fc.constantFrom("image", "image[]", "prompt", "", "ü", "a b"),
    content,
    isFile: fc.boolean(),
  });
  let parts = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      async (drawn, places) => {
        const raw = drawn.map(
          ({ name, content: bytes, isFile }): RawPart =>
            isFile ? file(name, bytes) : { name, content: bytes },
        );
        const body = formBody(raw);
        expect(await read(inPieces(...cut(body, places)))).toEqual(
          drawn.map(({ name, content: bytes, isFile }) => ({
            name,
            fileName: isFile ? "blob" : undefined,
            content: bytes,
          })),
        );
        parts += drawn.length;
      },
    ),
    { numRuns: 300 },
  );
  expect(parts).toBeGreaterThan(300);
});

it("gives the same byte by byte, and with all that a form may hold besides", async () => {
  const body = Buffer.concat([Buffer.from("a preamble\r\n"), BODY, Buffer.from("an epilogue\r\n")]);
  const expected = await read(inPieces(BODY));
  expect(await read(inPieces(...[...body].map((byte) => Buffer.of(byte))))).toEqual(expected);
  expect(await read(inPieces(body))).toEqual(expected);
});

it("has no parts where there are none", async () => {
  expect(await read(inPieces(formBody([])))).toEqual([]);
});

it.each([
  [`multipart/form-data; boundary="${BOUNDARY}"`],
  [`Multipart/Form-Data;boundary=${BOUNDARY}; charset=utf-8`],
])("knows the boundary of '%s'", async (contentType) => {
  expect(await read(inPieces(BODY), contentType)).toHaveLength(2);
});

it.each([
  ["multipart/form-data"],
  ["multipart/form-data; boundary"],
  ["multipart/form-data; charset=utf-8"],
  ["multipart/form-data; boundary="],
  ['multipart/form-data; boundary=""'],
  ["multipart/form-data; boundary= ; x=y"],
  ['multipart/form-data; a="; boundary=x"'],
])("refuses '%s', which names no boundary", async (contentType) => {
  const refused = [400, "invalid_request", "The form names no boundary in its 'Content-Type'."];
  expect(await refusal(inPieces(BODY), contentType)).toEqual(refused);
});

describe("a form that is not whole", () => {
  it.each([
    ["is empty", Buffer.alloc(0)],
    ["has another boundary", formBody(PARTS, "another")],
    ["is text", Buffer.from("model=test-model&prompt=x")],
    ["is JSON", Buffer.from('{"model":"test-model"}')],
  ])("is refused: it %s", async (_title, body) => {
    expect(await refusal(inPieces(body))).toEqual(NOT_WHOLE);
  });

  it("is refused wherever it ends", async () => {
    const end = BODY.lastIndexOf("--");
    for (let length = 0; length < end; length += 1) {
      expect([length, await refusal(inPieces(BODY.subarray(0, length)))]).toEqual([length, NOT_WHOLE]);
    }
  });

  it("is refused while somebody reads the part in which it ends", async () => {
    const parts = formParts(inPieces(BODY.subarray(0, BODY.indexOf(255))), MULTIPART);
    await contentOf((await parts.next()).value ?? fail());
    const second = (await parts.next()).value ?? fail();
    await expect(contentOf(second).then(() => parts.next())).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

const fail = (): never => {
  throw new Error("there is no such part");
};

it.each([
  ["without a name", ["Content-Disposition: form-data"]],
  ["with a name that is not in quotes", ["Content-Disposition: form-data; name=prompt"]],
])("gives a part %s as it is", async (_title, headers) => {
  const [part] = await read(inPieces(formBody([{ headers, content: "x" }])));
  expect(part).toEqual({
    name: headers[0]?.includes("name=") ? "prompt" : undefined,
    fileName: undefined,
    content: Buffer.from("x"),
  });
});

it("tells how a part says that it is encoded, and undoes nothing", async () => {
  const encoded = (name: string, as: string) => [
    `Content-Disposition: form-data; name="${name}"`,
    `Content-Transfer-Encoding:${as}`,
  ];
  const body = formBody([
    { headers: encoded("prompt", " Base64"), content: "aGVsbG8=" },
    { headers: encoded("user", "\t8BIT "), content: "ann" },
    field("n", "2"),
  ]);
  const told: (readonly [string, string])[] = [];
  for await (const part of formParts(inPieces(body), MULTIPART)) {
    told.push([part.encoding, String(await contentOf(part))]);
  }
  expect(told).toEqual([
    ["base64", "aGVsbG8="],
    ["8bit", "ann"],
    ["7bit", "2"],
  ]);
});

it.each([
  ["no disposition", ["Content-Type: text/plain"]],
  ["another disposition", ['Content-Disposition: attachment; name="prompt"']],
  [
    "its disposition behind 32 other headers",
    [...Array.from({ length: 32 }, (_, at) => `X-${at}: 1`), 'Content-Disposition: form-data; name="a"'],
  ],
  [
    "its disposition behind 16 KiB",
    [`X-Long: ${"x".repeat(17_000)}`, 'Content-Disposition: form-data; name="a"'],
  ],
])("passes over a part with %s", async (_title, headers) => {
  const parts = await read(inPieces(formBody([{ headers, content: "x" }, ...PARTS])));
  expect(parts.map(({ name }) => name)).toEqual(["prompt", "image"]);
});

it.each([
  ["fields", (at: number) => field(`f${at}`, "x")],
  ["parts that are passed over", () => ({ headers: ["X-Any: 1"], content: "x" })],
])("refuses more than 64 %s, and reads no further", async (_title, part) => {
  const parts = (count: number) => Array.from({ length: count }, (_, at) => part(at));
  await read(inPieces(formBody(parts(64))));
  let given = 0;
  async function* endless() {
    yield formBody(parts(65)).subarray(0, -BOUNDARY.length - 8);
    for (; given < 100; given += 1) yield Buffer.alloc(64 * 1024, "x");
  }
  expect(await refusal(endless())).toEqual([413, "request_too_large", "The form has more than 64 parts."]);
  expect(given).toBeLessThan(3);
});

it.each([
  ["in one chunk", (body: Buffer) => [body]],
  ["in chunks that are all there at once", (body: Buffer) => cut(body, [150, 70_000, 131_072, 196_608])],
])("passes over large parts without a disposition %s, the last one too", async (_title, chunks) => {
  const nameless = { headers: ["no colon"], content: "x".repeat(100_000) };
  const parts = await read(inPieces(...chunks(formBody([nameless, ...PARTS, nameless]))));
  expect(parts.map(({ name }) => name)).toEqual(["prompt", "image"]);
});

it("throws what its source throws, also to whoever reads a part", async () => {
  const broken = new GatewayError("request_too_large", "Too much.");
  async function* source() {
    yield BODY.subarray(0, -40);
    throw broken;
  }
  await expect(read(source())).rejects.toBe(broken);
});

it("calls what is no error of ours a form that is not whole", async () => {
  async function* source() {
    yield BODY.subarray(0, 30);
    throw new Error("ECONNRESET");
  }
  expect(await refusal(source())).toEqual(NOT_WHOLE);
});

it("reads no further ahead than a chunk or two while a part waits for its reader", async () => {
  let given = 0;
  async function* source() {
    yield formBody([file("image", Buffer.alloc(0))]).subarray(0, -BOUNDARY.length - 8);
    for (; given < 200; given += 1) yield Buffer.alloc(64 * 1024, "x");
  }
  const parts = formParts(source(), MULTIPART);
  const { value: part } = await parts.next();
  const bytes = part?.bytes[Symbol.asyncIterator]();
  await bytes?.next();
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(given).toBeLessThan(4);
  await parts.return(undefined);
});

it("lets go of its source when its reader leaves, even while that hangs", async () => {
  let hasLeft: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    hasLeft = resolve;
  });
  let at = 0;
  const source: AsyncIterableIterator<Uint8Array> = {
    async next() {
      at += 1;
      if (at > 1) await new Promise(() => {});
      return { done: false, value: BODY.subarray(0, 150) };
    },
    async return() {
      hasLeft();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => source,
  };
  for await (const _part of formParts(source, MULTIPART)) break;
  await left;
});
