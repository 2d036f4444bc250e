import fc from "fast-check";

import { readParsedReferences, readReferences } from "../../../lib/http/uploads/read-references";
import { HttpError, type HttpRequest, type HttpResponse } from "../../../lib/ports";
import { recordingLog } from "../../core/bench";
import { refusal, type Taken, taking } from "./taken";

const signal = new AbortController().signal;
const asked: HttpRequest[] = [];

const { lines, log } = recordingLog();

/** Serves what stands in the path of an address. */
const fetching = {
  maxBytes: 1_000,
  signal,
  log,
  fetcher: {
    async request(request: HttpRequest): Promise<HttpResponse> {
      asked.push(request);
      const [, status = "", text = ""] = new URL(request.url).pathname.split("/");
      if (status === "blocked") throw new HttpError("blocked", "no", "this address is not fetched");
      async function* body() {
        yield Buffer.from(text);
        if (status === "long") throw new HttpError("too_large", "maybe", "too long");
        if (status === "cut") throw new HttpError("truncated", "maybe", "too short");
      }
      return { status: Number(status) || 200, headers: {}, body: body() };
    },
  },
};
beforeEach(() => void asked.splice(0));

const dataUrl = (content: string | Buffer): string =>
  `data:image/png;base64,${Buffer.from(content).toString("base64")}`;

async function* inPieces(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

const shown = (taken: readonly Taken[]) =>
  taken.map(({ param, isMask, content }) => [param, isMask, String(content)]);

/** As it comes, and as a host's parser gives it. */
const WAYS = [
  [
    "as it comes",
    async (body: unknown, maxBytes = 10_000) => {
      const { taken, take } = taking();
      const upload = await readReferences(inPieces(JSON.stringify(body)), maxBytes, take, fetching);
      return { taken, upload };
    },
  ],
  [
    "parsed by the host",
    async (body: unknown) => {
      const { taken, take } = taking();
      return { taken, upload: await readParsedReferences(body, take, fetching) };
    },
  ],
] as const;

describe.each(WAYS)("JSON %s", (_way, read) => {
  it("has its pictures taken in, from data: URLs and from addresses", async () => {
    const body = {
      model: "m",
      images: [{ image_url: dataUrl("first") }, { image_url: "https://images.test/200/second" }],
      mask: { image_url: dataUrl("mask") },
      n: 2,
    };
    const { taken, upload } = await read(body);
    expect(shown(taken)).toEqual([
      ["images.0.image_url", false, "first"],
      ["images.1.image_url", false, "second"],
      ["mask.image_url", true, "mask"],
    ]);
    expect(upload).toMatchObject({ body: { model: "m", n: 2 }, pictureField: "images" });
    expect(upload.inputs.images).toHaveLength(2);
    expect(upload.inputs.mask).toBeDefined();
    expect(asked).toMatchObject([{ method: "GET", url: "https://images.test/200/second", maxBytes: 1_000 }]);
    expect(asked[0]).not.toHaveProperty("headers");
  });

  it.each([
    ["text", "no picture"],
    ["nothing", ""],
    ["another scheme", "ftp://images.test/200/x"],
    ["a file", "file:///etc/passwd"],
    ["a blob", "blob:https://images.test/1"],
    ["a data: URL without base64", "data:image/svg+xml,<svg/>"],
    ["broken base64", "data:image/png;base64,%%%%"],
    ["half a quad", "data:image/png;base64,AAA"],
    ["letters that are not ASCII", "https://images.test/200/k\u00e4se"],
    ["a space", "https://images.test/200/a b"],
    ["no host", "https://"],
    ["an address of more than 16 KiB", `https://images.test/200/${"x".repeat(16_400)}`],
    ["what may not be fetched", "https://images.test/blocked/x"],
    ["what is not there", "https://images.test/404/x"],
    ["what leads on", "https://images.test/302/x"],
    ["what breaks off", "https://images.test/cut/x"],
  ])("is refused where a picture is named by %s", async (_title, image_url) => {
    const refused = await refusal(read({ images: [{ image_url }] }));
    expect(refused).toEqual([400, "invalid_value", "images.0.image_url"]);
  });

  it.each([
    ["parameters", "data:image/png;charset=utf-8;base64,"],
    ["upper case", "DATA:IMAGE/PNG;BASE64,"],
  ])("takes a data: URL with %s", async (_title, prefix) => {
    const { taken } = await read({
      images: [{ image_url: `${prefix}${Buffer.from("x").toString("base64")}` }],
    });
    expect(shown(taken)).toEqual([["images.0.image_url", false, "x"]]);
  });

  it.each([
    ["data:image/png,abc", "is a data: URL without ';base64'"],
    ["Data:image/png;charset=utf-8,AAAA", "is a data: URL without ';base64'"],
    ["data:image/png;base64", "is a data: URL without ';base64'"],
    ["data:image/png;base64,%%%%", "holds broken base64"],
    ["data", "is no data: URL with base64 and no http(s) address"],
  ])("says of %s that it %s", async (image_url, why) => {
    await expect(read({ images: [{ image_url }] })).rejects.toThrow(`'images.0.image_url' ${why}.`);
  });

  it("says the same of all that cannot be fetched", async () => {
    const messages = new Set<string>();
    for (const kind of ["blocked", "404", "cut"]) {
      const image_url = `https://images.test/${kind}/x`;
      const error: unknown = await read({ mask: { image_url } }).catch((reason: unknown) => reason);
      messages.add(String(error));
    }
    expect([...messages]).toEqual([
      "GatewayError: 'mask.image_url' leads to no picture that could be fetched.",
    ]);
  });

  it("is refused where a fetched picture is too large", async () => {
    const refused = await refusal(read({ images: [{ image_url: "https://images.test/long/x" }] }));
    expect(refused).toEqual([413, "request_too_large", "images.0.image_url"]);
  });

  it("is refused with 17 pictures", async () => {
    const images = Array.from({ length: 17 }, () => ({ image_url: dataUrl("x") }));
    expect(await refusal(read({ images }))).toEqual([413, "request_too_large", "images.16.image_url"]);
  });

  it("is left to the schema where there is no address", async () => {
    const body = { images: [{ image_url: 7 }, "x", null, {}], mask: { file_id: "f" } };
    const { taken, upload } = await read(body);
    expect(taken).toEqual([]);
    expect(upload).toEqual({ body, inputs: { images: [] }, pictureField: "images" });
    for (const other of [null, [], "x", 7, { images: "x", mask: [] }, { image_url: dataUrl("x") }]) {
      expect((await read(other)).upload.body).toEqual(other);
    }
  });

  it("may have 128 keys and 32 levels, and no more", async () => {
    const keys = Object.fromEntries(Array.from({ length: 129 }, (_, at) => [`k${at}`, 1]));
    expect(await refusal(read(keys))).toEqual([400, "invalid_json", null]);
    const deep: unknown = JSON.parse(`{"x":${"[".repeat(32)}${"]".repeat(32)}}`);
    expect(await refusal(read(deep))).toEqual([400, "invalid_json", null]);
    await expect(read(deep)).rejects.toThrow("The JSON is nested deeper than 32 levels.");
  });
});

describe("JSON as it comes", () => {
  const [[, read]] = WAYS;

  it("gives the same for any split", async () => {
    const body = JSON.stringify({
      prompt: 'ein "K\u00e4se" \ud83d\ude00',
      images: [{ image_url: dataUrl("first picture") }, { image_url: "https://images.test/200/second" }],
      mask: { image_url: dataUrl("mask") },
    })
      .replaceAll("/", "\\/")
      .replace("image_url", "image\\u005furl");
    const bytes = Buffer.from(body);
    const whole = await read(JSON.parse(body));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async (places) => {
        const ends = [...new Set(places)].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((start, at) => bytes.subarray(start, ends[at] ?? bytes.length));
        const { taken, take } = taking();
        const upload = await readReferences(inPieces(...pieces), 10_000, take, fetching);
        expect(shown(taken)).toEqual(shown(whole.taken));
        expect(upload.inputs).toEqual(whole.upload.inputs);
      }),
      { numRuns: 200 },
    );
  });

  it("may hold a picture larger than all that may stand beside it", async () => {
    const content = "x".repeat(100_000);
    const { taken } = await read({ model: "m", images: [{ image_url: dataUrl(content) }] }, 1_000);
    expect(taken[0]?.content).toHaveLength(100_000);
    expect(await refusal(read({ model: "m", prompt: "x".repeat(1_000) }, 1_000))).toEqual([
      413,
      "request_too_large",
      null,
    ]);
  });

  it.each([
    ["half of it", '{"model":"m"'],
    ["half a picture", '{"images":[{"image_url":"data:image/png;base64,AAAA'],
    ["text behind it", "{}x"],
    ["nothing", ""],
    ["bytes that are no text", Buffer.from('{"prompt":"\u00e9"}', "latin1")],
  ])("is refused when it is %s", async (_title, text) => {
    const { take } = taking();
    const refused = await refusal(readReferences(inPieces(text), 10_000, take, fetching));
    expect(refused).toEqual([400, "invalid_json", null]);
  });

  it.each([
    ["images.0.image_url", '{"images":[{"image_url":"data:;base64,AAAA","image_url":"data:;base64,AAAA"}]}'],
    ["images", '{"images":[],"images":[]}'],
    ["mask.image_url", '{"mask":{"image_url":null,"image_url":""}}'],
  ])("is refused when %s is there twice", async (param, text) => {
    const { take } = taking();
    const reading = readReferences(inPieces(text), 10_000, take, fetching);
    await expect(reading).rejects.toThrow(`'${param}' was sent more than once.`);
    await expect(reading).rejects.toMatchObject({ code: "invalid_value", param });
  });

  it("means the last one of any other key that is there twice, and may have a byte order mark", async () => {
    const text = '{"prompt":"a","prompt":"b","n":1,"n":2}';
    const { take } = taking();
    const { body } = await readReferences(inPieces(`\ufeff${text}`), 10_000, take, fetching);
    expect(body).toEqual(JSON.parse(text));
  });

  it("tells the operator how private pictures are let in, and not where they are", async () => {
    lines.splice(0);
    const body = inPieces('{"images":[{"image_url":"https://images.test/blocked/x"}]}');
    expect(await refusal(readReferences(body, 1_000, taking().take, fetching))).toEqual([
      400,
      "invalid_value",
      "images.0.image_url",
    ]);
    expect(lines).toEqual([{ level: "warn", about: {}, message: expect.stringContaining("'imageHosts'") }]);
  });

  it("ends the fetching when its caller leaves", async () => {
    const controller = new AbortController();
    const gone = new Error("gone");
    const { take } = taking();
    const fetcher = {
      request: () => {
        controller.abort(gone);
        return Promise.reject(new HttpError("aborted", "maybe", "aborted"));
      },
    };
    const body = inPieces('{"images":[{"image_url":"https://images.test/200/x"}]}');
    const options = { ...fetching, fetcher, signal: controller.signal };
    await expect(readReferences(body, 1_000, take, options)).rejects.toBe(gone);
  });
});
