import fc from "fast-check";

import { HttpError, type HttpResponse } from "../../../lib/ports/http-client";
import type { ImageOut, RunResult } from "../../../lib/ports/provider";
import { type Reading, readAnswer } from "../../../lib/providers/openai/answer";
import { errorInStream } from "../../../lib/providers/upstream/error-answer";
import { providerError } from "../../../lib/providers/upstream/transport-fault";
import { pictures, providerFailure, response } from "./run-context";

const asked = (n = 1): Reading => ({
  n,
  warnings: [],
  faultOf: (error) => providerError(error, new AbortController().signal, true),
  failureOf: (text) => errorInStream(text, []),
});

/** Everything of an answer: its pictures read, then what it says besides. */
async function whole(result: RunResult) {
  const images: ImageOut[] = [];
  const data: (Buffer | string)[] = [];
  for await (const image of result.images) {
    images.push(image);
    data.push(...(await pictures({ images: [image], meta: result.meta })));
  }
  return { images, data, meta: result.meta() };
}

const rejection = (body: string | object, how = asked()) =>
  providerFailure(readAnswer(response(200, body), how).then(whole));
const PICTURE = Buffer.from("not really a picture, but bytes");
const BASE64 = PICTURE.toString("base64");

describe("readAnswer", () => {
  it("knows a revised prompt in a copy, too, that a decorator makes of a picture", async () => {
    const answer = response(200, { data: [{ revised_prompt: "a red cube", b64_json: BASE64 }] });
    const { images } = await readAnswer(answer, asked());
    const copies: (string | undefined)[] = [];
    for await (const image of images) {
      await pictures({ images: [image], meta: () => ({}) });
      copies.push({ ...image }.revisedPrompt);
    }
    expect(copies).toEqual(["a red cube"]);
  });

  it("gives base64 as it came, without copying it", async () => {
    const large = Buffer.alloc(200_001, "x").toString("base64");
    const head = Buffer.from('{"data":[{"b64_json":"');
    const middle = Buffer.from(large);
    const answer: HttpResponse = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: (async function* () {
        yield head;
        yield middle;
        yield Buffer.from('"}]}');
      })(),
    };
    const { images } = await readAnswer(answer, asked());
    for await (const { data } of images) {
      if (data.as !== "base64") throw new Error("no base64");
      const pieces: Uint8Array[] = [];
      for await (const piece of data.open()) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe(large);
      expect(pieces.every(({ buffer }) => buffer === middle.buffer)).toBe(true);
    }
  });

  it.each([
    ["a data: prefix", `data:image/png;base64,${BASE64}`],
    ["a data: prefix with parameters", `data:image/png;charset=utf-8;base64,${BASE64}`],
    ["line breaks", BASE64.replace(/.{10}/g, "$&\r\n")],
    ["spaces around", ` ${BASE64}\n`],
  ])("takes base64 with %s", async (_name, b64_json) => {
    const result = await readAnswer(response(200, { data: [{ b64_json }] }), asked());
    expect(await pictures(result)).toEqual([PICTURE]);
  });

  it.each([
    ["a URL", { url: "https://cdn.example.com/a.png" }, "https://cdn.example.com/a.png"],
    ["both, taking base64", { url: "https://cdn.example.com/a.png", b64_json: BASE64 }, PICTURE],
    ["a data: URL", { url: `data:image/png;base64,${BASE64}` }, PICTURE],
    ["a data: URL in upper case", { url: `DATA:IMAGE/PNG;BASE64,${BASE64}` }, PICTURE],
    ["an empty base64 beside a URL", { url: "https://a.example/b", b64_json: "" }, "https://a.example/b"],
    ["null beside a URL", { url: "https://a.example/b", b64_json: null }, "https://a.example/b"],
  ])("takes %s", async (_name, item, expected) => {
    expect(await pictures(await readAnswer(response(200, { data: [item] }), asked()))).toEqual([expected]);
  });

  it("keeps usage, time, quality, background and revised prompts", async () => {
    const body = {
      created: 1_795_395_956,
      data: [{ b64_json: BASE64, revised_prompt: "a shiny red cube" }],
      size: "1024x1536",
      output_format: "webp",
      quality: "high",
      background: "opaque",
      usage: {
        total_tokens: 30,
        input_tokens: 10,
        output_tokens: 20,
        input_tokens_details: { text_tokens: 10, image_tokens: 0 },
      },
    };
    const result = await readAnswer(response(200, body), { ...asked(), upstreamId: "req_1" });
    const { images, meta } = await whole(result);
    expect(images.map(({ revisedPrompt }) => revisedPrompt)).toEqual(["a shiny red cube"]);
    expect(meta).toEqual({
      upstreamId: "req_1",
      created: 1_795_395_956,
      usage: {
        totalTokens: 30,
        inputTokens: 10,
        outputTokens: 20,
        inputTokensDetails: { textTokens: 10, imageTokens: 0 },
      },
      warnings: [],
      effective: { quality: "high", background: "opaque" },
    });
  });

  it("believes no usage of zeros, and no facts of the wrong type", async () => {
    const body = {
      created: "now",
      data: [{ b64_json: BASE64, revised_prompt: 5 }],
      size: 7,
      quality: {},
      usage: { total_tokens: 0 },
    };
    const { images, meta } = await whole(await readAnswer(response(200, body), asked()));
    expect(images.map(({ revisedPrompt }) => revisedPrompt)).toEqual([undefined]);
    expect(meta).toEqual({ warnings: [], effective: {} });
  });

  it("tells the seeds where they are known", async () => {
    const data = [{ b64_json: BASE64 }, { b64_json: BASE64 }];
    const result = await readAnswer(response(200, { data }), { ...asked(2), seeds: { first: 7, step: 1 } });
    expect((await whole(result)).images.map(({ seed }) => seed)).toEqual([7, 8]);
  });

  it("hands on no more than was asked for", async () => {
    const data = [
      { b64_json: BASE64 },
      { b64_json: BASE64 },
      { b64_json: BASE64 },
      { url: "https://a.example/b" },
    ];
    const read = await whole(await readAnswer(response(200, { data }), asked(2)));
    expect(read.data).toHaveLength(2);
    expect(read.meta.warnings).toEqual([]);
  });

  it("warns of what is missing", async () => {
    const result = await readAnswer(response(200, { data: [{ b64_json: BASE64 }, {}, null, "x"] }), asked(4));
    expect(await pictures(result)).toHaveLength(1);
    expect(result.meta().warnings).toEqual([{ param: "n", message: "the upstream made 1 of 4 images" }]);
  });

  it.each([
    ["no type", {}],
    ["a type with parameters", { "content-type": "Application/JSON; charset=utf-8" }],
    ["a type of its own", { "content-type": "application/vnd.x+json" }],
    ["plain text", { "content-type": "text/plain" }],
  ])("reads JSON under %s", async (_name, headers: Record<string, string>) => {
    expect(
      await pictures(await readAnswer(response(200, { data: [{ b64_json: BASE64 }] }, headers), asked())),
    ).toHaveLength(1);
  });

  it.each([
    ["an empty body", ""],
    ["null", "null"],
    ["a number", "5"],
    ["a string", '"data"'],
    ["a list", "[]"],
    ["cut JSON", '{"data":[{"b64_json":"AAAA'],
    ["no data", "{}"],
    ["data null", '{"data":null}'],
    ["data an object", '{"data":{"b64_json":"AAAA"}}'],
    ["data empty", '{"data":[]}'],
    ["data of nothing", '{"data":[null,1,"x",[],{}]}'],
    ["base64 of the wrong type", '{"data":[{"b64_json":5}]}'],
    ["base64 empty", '{"data":[{"b64_json":""}]}'],
    ["a prototype as data", '{"__proto__":{"data":[{"b64_json":"AAAA"}]}}'],
    ["an error that is none", '{"error":null,"data":[]}'],
  ])("rejects %s as protocol, done and billed", async (_name, body) => {
    const error = await rejection(body);
    expect(error.fault).toBe("protocol");
    expect(error.info.started).toBe("yes");
    expect(error.message).not.toContain("canary");
  });

  it.each([
    ["an object", { error: { message: "canary" } }, "unavailable"],
    ["text", { error: "canary" }, "unavailable"],
    ["a refusal", { error: { message: "Blocked.", code: "moderation_blocked" }, data: [] }, "content_policy"],
  ])("rejects an error that comes as a success, %s, for what it is", async (_name, body, fault) => {
    const error = await rejection(body);
    expect(error).toMatchObject({ fault, info: { started: "yes" } });
    expect(error.message).not.toContain("canary");
  });

  it.each([
    ["a byte order mark", `\ufeff{"data":[{"b64_json":"${BASE64}"}]}`],
    ["a member twice", `{"created":1,"created":1,"data":[{"b64_json":"${BASE64}"}]}`],
  ])("takes an answer with %s, as every SDK does", async (_name, body) => {
    expect(await pictures(await readAnswer(response(200, body), asked()))).toEqual([PICTURE]);
  });

  it.each([
    ["data", '{"data":[{"b64_json":"YQ=="}],"data":[{"b64_json":"Yg=="}]}'],
    ["one picture", '{"data":[{"b64_json":"YQ==","b64_json":"Yg=="}]}'],
  ])("takes none of which it would not be sure, with %s twice", async (_name, body) => {
    expect(await rejection(body)).toMatchObject({ fault: "protocol" });
  });

  it("takes the pictures that came in spite of an error", async () => {
    const body = { data: [{ b64_json: BASE64 }], error: { message: "one of two failed" } };
    const result = await readAnswer(response(200, body), asked(2));
    expect(await pictures(result)).toEqual([PICTURE]);
  });

  it.each(["text/html", "image/png", "text/plainer", "application/jsonx"])(
    "rejects %s unread",
    async (type) => {
      let freed = false;
      const body: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new Error("read")),
          return: async () => {
            freed = true;
            return { done: true, value: undefined };
          },
        }),
      };
      const answer: HttpResponse = { status: 200, headers: { "content-type": type }, body };
      const error = await providerFailure(readAnswer(answer, asked()));
      expect(error).toMatchObject({ fault: "protocol" });
      expect(freed).toBe(true);
    },
  );

  it.each([
    [
      "xAI's flag on a picture",
      { data: [{ url: "https://a.example/blurred.png", respect_moderation: false }] },
    ],
    ["xAI's flag on the answer", { data: [], respect_moderation: false }],
    ["xAI's flag without data", { respect_moderation: false }],
    ["Azure's results", { data: [{ content_filter_results: { sexual: { filtered: true } } }] }],
    [
      "Azure's results on the prompt",
      { data: [{ prompt_filter_results: { jailbreak: { filtered: true } } }] },
    ],
    ["a finish reason", { data: [{ finish_reason: "CONTENT_FILTERED" }] }],
  ])("rejects pictures withheld by %s as content_policy", async (_name, body) => {
    const error = await rejection(body);
    expect(error).toMatchObject({ fault: "content_policy" });
    expect(error.info).toMatchObject({ started: "yes", moderation: { stage: "output" } });
  });

  it("gives the pictures that were not withheld", async () => {
    const data = [
      { url: "https://a.example/1", respect_moderation: false },
      { url: "https://a.example/2", respect_moderation: true },
    ];
    const result = await readAnswer(response(200, { data }), asked(2));
    expect(await pictures(result)).toEqual(["https://a.example/2"]);
    expect(result.meta().warnings).toHaveLength(1);
  });
});

describe("an answer that comes in any chunks", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((each) => Buffer.from(each));
  const item = fc.record({
    picture: bytes,
    revised: fc.option(fc.string({ minLength: 1 })),
    isFirst: fc.boolean(),
  });
  const places = fc.array(fc.nat(), { maxLength: 30 });

  const cut = (text: Buffer, cuts: readonly number[]): Buffer[] => {
    const edges = [0, ...cuts.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
    return edges.slice(1).map((end, index) => text.subarray(edges[index], end));
  };

  it("gives the same bytes, prompts and usage, wherever the members stand", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        places,
        async (items, early, cuts) => {
          const data = items.map(({ picture, revised, isFirst }) => {
            const b64_json = picture.toString("base64");
            if (revised === null) return { b64_json };
            return isFirst ? { revised_prompt: revised, b64_json } : { b64_json, revised_prompt: revised };
          });
          const usage = { total_tokens: 7, input_tokens_details: { data: [{ b64_json: "AAAA" }] } };
          const text = Buffer.from(JSON.stringify(early ? { usage, data } : { data, usage }));
          const body = (async function* () {
            yield* cut(text, cuts);
          })();
          const read = await whole(await readAnswer({ status: 200, headers: {}, body }, asked(items.length)));
          expect(read.data).toEqual(items.map(({ picture }) => picture));
          expect(read.images.map(({ revisedPrompt }) => revisedPrompt ?? null)).toEqual(
            items.map(({ revised }) => revised),
          );
          expect(read.meta).toMatchObject({ usage: { totalTokens: 7 }, warnings: [] });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("leaves out pictures that nobody reads, and reads on behind one that was left", async () => {
    const data = ["one", "two", "three"].map((text) => ({
      b64_json: Buffer.from(text.repeat(50)).toString("base64"),
      revised_prompt: text,
    }));
    const body = (async function* () {
      yield* cut(Buffer.from(JSON.stringify({ data })), [60, 130, 200, 400]);
    })();
    const { images } = await readAnswer({ status: 200, headers: {}, body }, asked(3));
    const prompts: (string | undefined)[] = [];
    for await (const image of images) {
      if (prompts.length === 1 && image.data.as === "base64") for await (const _ of image.data.open()) break;
      prompts.push(image.revisedPrompt);
    }
    expect(prompts).toHaveLength(3);
  });

  it("breaks with the connection under it, as work that is done", async () => {
    const failing = (async function* () {
      yield Buffer.from('{"data":[{"b64_json":"AAAA');
      throw new HttpError("reset", "maybe", "10.0.0.1 broke it");
    })();
    const result = await readAnswer({ status: 200, headers: {}, body: failing }, asked());
    const error = await providerFailure(whole(result));
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });

  it("does not take a picture for whole when its answer is left before its item has ended", async () => {
    const body = (async function* () {
      yield Buffer.from(`{"data":[{"b64_json":"${BASE64}"`);
      await new Promise(() => {});
    })();
    const answer = { status: 200, headers: { "content-type": "application/json" }, body };
    // The source hangs, and so would its end.
    body.return = async () => ({ done: true, value: undefined });
    const { images } = await readAnswer(answer, asked());
    if (!(Symbol.asyncIterator in images)) throw new Error("no stream of pictures");
    const iterator = images[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    if (value?.data.as !== "base64") throw new Error("no base64");
    const pieces = value.data.open()[Symbol.asyncIterator]();
    expect(Buffer.from((await pieces.next()).value).toString()).toBe(BASE64);
    await iterator.return?.();
    expect(await providerFailure(Promise.resolve(pieces.next()))).toMatchObject({ fault: "protocol" });
  });

  it("does not take back a picture that a moderator withholds behind its data, but breaks it off", async () => {
    const error = await rejection({ data: [{ b64_json: BASE64, respect_moderation: false }] });
    expect(error).toMatchObject({ fault: "content_policy", info: { started: "yes" } });
  });
});

describe("an answer in events", () => {
  const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const partial = (text: string, index: number, more = {}) =>
    event("image_generation.partial_image", {
      type: "image_generation.partial_image",
      b64_json: Buffer.from(text).toString("base64"),
      partial_image_index: index,
      ...more,
    });
  const completed = (text: string, more = {}) =>
    event("image_generation.completed", {
      type: "image_generation.completed",
      b64_json: Buffer.from(text).toString("base64"),
      ...more,
    });
  const streamed = (text: string, how = asked()) =>
    readAnswer(response(200, text, { "content-type": "text/event-stream; charset=utf-8" }), how);

  it("gives unfinished pictures with their numbers, and the finished ones", async () => {
    const usage = { total_tokens: 9, input_tokens: 4, output_tokens: 5 };
    const text = `: hello\n\n${partial("a", 0)}${partial("b", 1)}${completed("c", { usage, quality: "high" })}data: [DONE]\n\n`;
    const { images, data, meta } = await whole(await streamed(text));
    expect(images.map(({ partial: number, index }) => [number, index])).toEqual([
      [0, 0],
      [1, 0],
      [undefined, undefined],
    ]);
    expect(data.map(String)).toEqual(["a", "b", "c"]);
    expect(meta).toMatchObject({ usage: { totalTokens: 9 }, effective: { quality: "high" }, warnings: [] });
  });

  it("counts anew for each of several pictures", async () => {
    const { images } = await whole(
      await streamed(partial("a", 0) + completed("b") + partial("c", 0) + completed("d"), asked(2)),
    );
    expect(images.map(({ partial: number, index }) => [number, index])).toEqual([
      [0, 0],
      [undefined, undefined],
      [0, 1],
      [undefined, undefined],
    ]);
  });

  it("knows edits by their own names, and events without a name by their type", async () => {
    const data = { type: "image_edit.completed", b64_json: BASE64 };
    expect((await whole(await streamed(event("image_edit.completed", data)))).data).toEqual([PICTURE]);
    expect((await whole(await streamed(`data: ${JSON.stringify(data)}\n\n`))).data).toEqual([PICTURE]);
  });

  const unnamed = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  const FINISHED = { b64_json: BASE64, type: "image_generation.completed" };
  const UNFINISHED = { b64_json: BASE64, partial_image_index: 0, type: "image_generation.partial_image" };

  it.each([
    ["an event without data before", `data:\n\n${completed("a")}`],
    ["a sign of life that is no JSON", `data: ping\n\ndata: "ping"\n\ndata: 1\n\n${completed("a")}`],
    ["a sign of life in JSON", `${unnamed({ type: "ping" })}${completed("a")}`],
    ["a type of null", unnamed({ type: null, b64_json: Buffer.from("a").toString("base64") })],
    ["lines that end in a carriage return", completed("a").replaceAll("\n", "\r")],
    ["lines that end in both", completed("a").replaceAll("\n", "\r\n")],
    ["an end with white space", `${completed("a")}data:  [DONE] \n\n`],
    ["a byte order mark", `\ufeff${unnamed({ ...FINISHED, b64_json: "YQ==" })}`],
    ["a member twice", `event: image_generation.completed\ndata: {"size":1,"b64_json":"YQ==","size":1}\n\n`],
    ["an error without an error", completed("a", { error: null })],
    ["an error that comes too late", completed("a") + event("error", { error: { message: "x" } })],
  ])("gives the picture in spite of %s", async (_name, text) => {
    expect((await whole(await streamed(text))).data.map(String)).toEqual(["a"]);
  });

  it("takes a picture without name and type before it for the finished one", async () => {
    expect((await whole(await streamed(unnamed(FINISHED)))).data).toEqual([PICTURE]);
    expect((await whole(await streamed(unnamed({ b64_json: BASE64 })))).data).toEqual([PICTURE]);
  });

  it("takes it for an unfinished one as long as such were asked for, or where its number stands before it", async () => {
    const text = unnamed(UNFINISHED) + unnamed(UNFINISHED) + unnamed({ ...FINISHED, quality: "low" });
    const { images, meta } = await whole(await streamed(text, { ...asked(), partials: 2 }));
    expect(images.map(({ partial: number }) => number)).toEqual([0, 1, undefined]);
    expect(meta.effective).toEqual({ quality: "low" });

    const early = unnamed({ partial_image_index: 0, b64_json: BASE64 }) + unnamed(FINISHED);
    const { images: others } = await whole(await streamed(early));
    expect(others.map(({ partial: number }) => number)).toEqual([0, undefined]);
  });

  it.each([
    ["whose type says so behind it", UNFINISHED],
    ["whose number says so behind it", { b64_json: BASE64, partial_image_index: 0 }],
  ])("hands no unfinished picture out as finished, %s", async (_name, data) => {
    const error = await providerFailure(streamed(unnamed(data)).then(whole));
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });

  it.each([1, 2])("ends with the last of %d pictures, also where the connection stays open", async (n) => {
    let hasLeft = false;
    const body = (async function* () {
      try {
        yield Buffer.from(completed("a", { quality: "high" }).repeat(n));
        await new Promise(() => {});
      } finally {
        hasLeft = true;
      }
    })();
    const answer: HttpResponse = { status: 200, headers: { "content-type": "text/event-stream" }, body };
    const { data, meta } = await whole(await readAnswer(answer, asked(n)));
    expect(data).toHaveLength(n);
    expect(meta).toMatchObject({ effective: { quality: "high" }, warnings: [] });
    expect(hasLeft).toBe(true);
  });

  it.each([
    ["a comment", ": ping\n\n"],
    ["lines", "\n"],
    ["short events", `data: {"type":"ping"}\n\n`],
    ["long events", `data: {"type":"ping","more":"${"x".repeat(10_000)}"}\n\n`],
  ])("is given up when it is all %s", async (_name, text) => {
    const error = await providerFailure(
      streamed(text.repeat(Math.ceil(2 ** 21 / text.length)) + completed("a")).then(whole),
    );
    expect(error).toMatchObject({ fault: "protocol" });
  });

  it("breaks with an error behind a picture, named or not", async () => {
    for (const text of [event("error", { error: { message: "x" } }), unnamed({ error: { message: "x" } })]) {
      const error = await providerFailure(streamed(completed("a") + text, asked(2)).then(whole));
      expect(error).toMatchObject({ fault: "unavailable" });
    }
  });

  it.each([
    [
      "an error without name and type",
      unnamed({ error: { message: "at 10.0.0.1", code: "server_error" } }),
      "unavailable",
    ],
    ["a refusal without name and type", unnamed({ error: { code: "moderation_blocked" } }), "content_policy"],
    [
      "an error in place of a picture",
      event("image_generation.completed", { error: { message: "x" } }),
      "unavailable",
    ],
    [
      "two pictures in one event",
      `event: image_generation.completed\ndata: {"b64_json":"YQ==","b64_json":"YQ=="}\n\n`,
      "protocol",
    ],
    [
      "an error event",
      event("error", { type: "error", error: { message: "at 10.0.0.1", code: "server_error" } }),
      "unavailable",
    ],
    [
      "an error without a name",
      `data: ${JSON.stringify({ type: "error", error: { message: "x" } })}\n\n`,
      "unavailable",
    ],
    [
      "a refusal",
      event("error", { error: { message: "Blocked by our safety system.", code: "moderation_blocked" } }),
      "content_policy",
    ],
    ["no picture at all", ": nothing\n\n", "protocol"],
    ["unfinished ones only", partial("a", 0), "protocol"],
    ["something that is no JSON", "event: image_generation.completed\ndata: {nope}\n\n", "protocol"],
    ["a cut event", 'event: image_generation.completed\ndata: {"b64_json":"AAAA', "protocol"],
  ])("rejects %s", async (_name, text, fault) => {
    const error = await providerFailure(streamed(text).then(whole));
    expect(error).toMatchObject({ fault, info: { started: "yes" } });
    expect(error.message).not.toContain("10.0.0.1");
  });
});
