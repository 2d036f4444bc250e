import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import fc from "fast-check";

import { type FormEntry, type FormFile, multipart } from "../../lib/providers/multipart";
import { createHttpClient } from "../../lib/transport/http-client";

const file = (content: Buffer, more: Partial<FormFile> = {}, pieceBytes = 7): FormFile => ({
  fileName: "a.png",
  type: "image/png",
  length: content.length,
  async *open() {
    for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
  },
  ...more,
});

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** As the parser of Node's own fetch reads it. */
async function read(entries: readonly FormEntry[]) {
  const { headers, body } = multipart(entries);
  const bytes = await bytesOf(body);
  expect(headers["content-length"]).toBe(String(bytes.length));
  const form = await new Response(new Uint8Array(bytes), { headers }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) => {
      if (typeof value === "string") return [name, value];
      return [name, value.name, value.type, Buffer.from(await value.arrayBuffer())];
    }),
  );
}

it("writes fields and files in their order, whole", async () => {
  const picture = Buffer.from([0, 13, 10, 45, 45, 255, 0]);
  expect(
    await read([
      ["prompt", "ein K\u00e4se \ud83e\uddc0\r\nauf zwei Zeilen"],
      ["image[]", file(picture)],
      ["image[]", file(Buffer.alloc(0), { fileName: "b.webp", type: "image/webp" })],
      ["n", ""],
    ]),
  ).toEqual([
    ["prompt", "ein K\u00e4se \ud83e\uddc0\r\nauf zwei Zeilen"],
    ["image[]", "a.png", "image/png", picture],
    ["image[]", "b.webp", "image/webp", Buffer.alloc(0)],
    ["n", ""],
  ]);
});

it("lets no name, file name or type break out of its line", async () => {
  const hostile = 'a"\r\nX-Injected: 1\r\n\r\n--';
  const { body } = multipart([
    [hostile, "x"],
    ["image", file(Buffer.from("y"), { fileName: hostile, type: "image/png\r\nX-Injected: 1" })],
  ]);
  const text = (await bytesOf(body)).toString();
  expect(text).not.toMatch(/^X-Injected/m);
  expect(text).toContain("content-type: application/octet-stream");
  const [first, second] = await read([
    [hostile, "x"],
    ["image", file(Buffer.from("y"), { fileName: hostile })],
  ]);
  expect(first).toEqual([hostile, "x"]);
  expect(second?.slice(0, 2)).toEqual(["image", hostile]);
});

it("holds whatever it is given, with the length that it says", async () => {
  const entry: fc.Arbitrary<FormEntry> = fc.tuple(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => file(Buffer.from(bytes))),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      const found = await read(entries);
      expect(found).toHaveLength(entries.length);
      for (const [at, [name, value]] of entries.entries()) {
        if (typeof value === "string") expect(found[at]).toEqual([name, value]);
        else expect(found[at]?.[3]).toEqual(await bytesOf(value.open()));
      }
    }),
    { numRuns: 25 },
  );
});

it("does not know its length where that of a file is not known", async () => {
  const { headers } = multipart([["image", file(Buffer.from("x"), { length: undefined })]]);
  expect(Object.keys(headers)).toEqual(["content-type"]);
});

it("has another boundary each time, and can be read again", async () => {
  const entries: FormEntry[] = [["image", file(Buffer.from("picture"))]];
  const [one, other] = [multipart(entries), multipart(entries)];
  expect(one.headers["content-type"]).not.toBe(other.headers["content-type"]);
  expect(await bytesOf(one.body)).toEqual(await bytesOf(one.body));
});

it("opens a file when its turn comes, and leaves it when its reader does", async () => {
  const seen: string[] = [];
  const watched = (name: string): FormFile => ({
    ...file(Buffer.from("x")),
    async *open() {
      seen.push(`${name} is opened`);
      try {
        yield Buffer.from("x");
        yield Buffer.from("x");
      } finally {
        seen.push(`${name} is left`);
      }
    },
  });
  const { body } = multipart([
    ["image", watched("first")],
    ["image", watched("second")],
  ]);
  let pieces = 0;
  for await (const _piece of body) {
    pieces += 1;
    if (pieces === 1) expect(seen).toEqual([]);
    if (pieces === 2) break;
  }
  expect(seen).toEqual(["first is opened", "first is left"]);
});

describe.each([
  ["axios", false],
  ["undici", true],
] as const)("sent by %s", (_name, bulk) => {
  async function sent(entries: readonly FormEntry[]) {
    const seen: { headers: IncomingMessage["headers"]; bytes: Buffer }[] = [];
    const server = createServer(async (req, res) => {
      seen.push({ headers: req.headers, bytes: await bytesOf(req) });
      res.end("{}");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const isAddress = (value: typeof address): value is AddressInfo => typeof value === "object";
    const http = createHttpClient();
    try {
      const { body } = await http.request({
        method: "POST",
        url: `http://127.0.0.1:${isAddress(address) ? address.port : 0}/`,
        ...multipart(entries),
        signal: new AbortController().signal,
        maxBytes: 1_000,
        bulk,
      });
      await bytesOf(body);
    } finally {
      http.close();
      server.close();
    }
    return seen[0];
  }

  it("goes with its length where that is known, else in chunks", async () => {
    const content = Buffer.alloc(300_000, 5);
    const known = await sent([["image", file(content, {}, 7_000)]]);
    expect(known?.headers["content-length"]).toBe(String(known?.bytes.length));
    expect(known?.headers["transfer-encoding"]).toBeUndefined();
    const unknown = await sent([["image", file(content, { length: undefined }, 7_000)]]);
    expect(unknown?.headers["transfer-encoding"]).toBe("chunked");
    for (const request of [known, unknown]) expect(request?.bytes.includes(content)).toBe(true);
  });
});
