import type { HttpResponse } from "../../../lib/ports/http-client";
import { readAnswer } from "../../../lib/providers/openai/answer";
import { pictures, providerFailure, response } from "./run-context";

const asked = (n = 1) => ({ n, warnings: [] });
const PICTURE = Buffer.from("not really a picture, but bytes");
const BASE64 = PICTURE.toString("base64");

describe("readAnswer", () => {
  it("gives base64 as it came, in pieces of whole bytes", async () => {
    const large = Buffer.alloc(200_001, "x");
    const result = await readAnswer(
      response(200, { data: [{ b64_json: large.toString("base64") }] }),
      asked(),
    );
    const [image] = [...(Array.isArray(result.images) ? result.images : [])];
    const chunks: Uint8Array[] = [];
    for await (const chunk of image.data.open()) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(4);
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(65_536);
    for (const chunk of chunks) expect(chunk.length % 4).toBe(0);
    expect(Buffer.from(Buffer.concat(chunks).toString(), "base64").equals(large)).toBe(true);
  });

  it.each([
    ["a data: prefix", `data:image/png;base64,${BASE64}`],
    ["line breaks", BASE64.replace(/.{10}/g, "$&\r\n")],
    ["spaces around", ` ${BASE64}\n`],
  ])("takes base64 with %s", async (_name, b64_json) => {
    const result = await readAnswer(response(200, { data: [{ b64_json }] }), asked());
    expect(await pictures(result)).toEqual([PICTURE]);
  });

  it("lets a broken alphabet through as broken, for the gateway to see", async () => {
    const result = await readAnswer(response(200, { data: [{ b64_json: "AAA\u0141" }] }), asked());
    const [image] = [...(Array.isArray(result.images) ? result.images : [])];
    const chunks: Uint8Array[] = [];
    for await (const chunk of image.data.open()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("AAA\u0141");
  });

  it.each([
    ["a URL", { url: "https://cdn.example.com/a.png" }, "https://cdn.example.com/a.png"],
    ["both, taking base64", { url: "https://cdn.example.com/a.png", b64_json: BASE64 }, PICTURE],
    ["a data: URL", { url: `data:image/png;base64,${BASE64}` }, PICTURE],
    ["an empty base64 beside a URL", { url: "https://a.example/b", b64_json: "" }, "https://a.example/b"],
    ["null beside a URL", { url: "https://a.example/b", b64_json: null }, "https://a.example/b"],
  ])("takes %s", async (_name, item, expected) => {
    expect(await pictures(await readAnswer(response(200, { data: [item] }), asked()))).toEqual([expected]);
  });

  it("keeps usage, time, size, format, quality, background and revised prompts", async () => {
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
    expect(result.images).toEqual([
      expect.objectContaining({
        type: "image/webp",
        width: 1024,
        height: 1536,
        revisedPrompt: "a shiny red cube",
      }),
    ]);
    expect(result.meta()).toEqual({
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
    const result = await readAnswer(response(200, body), asked());
    expect(result.meta()).toEqual({ warnings: [], effective: {} });
  });

  it("tells the seeds where they are known", async () => {
    const data = [{ b64_json: BASE64 }, { b64_json: BASE64 }];
    const result = await readAnswer(response(200, { data }), { ...asked(2), seeds: { first: 7, step: 1 } });
    expect(result.images).toEqual([
      expect.objectContaining({ seed: 7 }),
      expect.objectContaining({ seed: 8 }),
    ]);
  });

  it("cuts what is more than was asked for", async () => {
    const data = [{ b64_json: BASE64 }, { b64_json: BASE64 }, { b64_json: BASE64 }];
    const result = await readAnswer(response(200, { data }), asked(2));
    expect(await pictures(result)).toHaveLength(2);
    expect(result.meta().warnings).toEqual([]);
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
    ["an error with success", '{"error":{"message":"canary"}}'],
  ])("rejects %s as protocol, done and billed", async (_name, body) => {
    const error = await providerFailure(readAnswer(response(200, body), asked()));
    expect(error.fault).toBe("protocol");
    expect(error.info.started).toBe("yes");
    expect(error.message).not.toContain("canary");
  });

  it.each(["text/html", "image/png", "text/event-stream", "application/jsonx"])(
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
    const error = await providerFailure(readAnswer(response(200, body), asked()));
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
