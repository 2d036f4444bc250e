import type { ImageOut } from "express-image-gateway";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

/** A provider that hands out these pictures, in order. */
const giving = (pictures: readonly Uint8Array[], more: Partial<ImageOut> = {}, card = {}) =>
  scriptedProvider(
    () => ({ images: pictures.map((bytes) => bytesOut(bytes, more)), meta: () => ({}) }),
    card,
  );

/** A picture that cannot be packed: as many bytes as it has samples. */
const large = async (bytes: number): Promise<Buffer> => {
  const small = await picture();
  // What follows the end of a PNG is not looked at, but kept.
  return Buffer.concat([small, Buffer.alloc(bytes, "express-image-gateway ")]);
};

const three = () => Promise.all([1, 2, 3].map((seed) => picture({ seed })));

it.each([1, 3])("gives links to the right bytes, in order, for n=%d", async (n) => {
  const pictures = (await three()).slice(0, n);
  await start({ providers: [giving(pictures)] });
  const { data } = await jsonOf(await generate(host, { ...PROMPT, n, response_format: "url" }));
  expect(data).toHaveLength(n);
  for (const [index, { url, ...rest }] of data.entries()) {
    expect(rest).toEqual({});
    const file = await fetch(url);
    expect(Buffer.from(await file.arrayBuffer()).equals(pictures[index] ?? Buffer.alloc(0))).toBe(true);
  }
});

it.each([1, 3])("gives the right base64, in order, for n=%d", async (n) => {
  const pictures = (await three()).slice(0, n);
  await start({ providers: [giving(pictures)] });
  const { data } = await jsonOf(await generate(host, { ...PROMPT, n, response_format: "b64_json" }));
  expect(data).toEqual(pictures.map((bytes) => ({ b64_json: bytes.toString("base64") })));
});

it.each([
  ["small", 1_000, null, "length"],
  ["just above 64 KiB", 49_000, "no", "chunked"],
  ["large", 3_000_001, "no", "chunked"],
])(
  "writes a %s answer at once, or piece by piece as it comes",
  async (_title, bytes, accelBuffering, how) => {
    const image = await large(bytes);
    await start({ providers: [giving([image])] });
    const answer = await generate(host, { ...PROMPT, response_format: "b64_json" });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get("content-length")).toBe(how === "length" ? String(body.length) : null);
    expect(answer.headers.get("transfer-encoding")).toBe(how === "length" ? null : "chunked");
    expect(answer.headers.get("x-accel-buffering")).toBe(accelBuffering);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(Buffer.from(JSON.parse(body.toString()).data[0].b64_json, "base64").equals(image)).toBe(true);
  },
);

it("names the request and its job, and says when the answer was made", async () => {
  await start();
  const before = Math.floor(Date.now() / 1000);
  const answer = await generate(host, PROMPT, { "x-client-request-id": "mine" });
  const { created } = await jsonOf(answer);
  expect(created).toBeGreaterThanOrEqual(before);
  expect(created).toBeLessThanOrEqual(Date.now() / 1000);
  expect(answer.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  expect(answer.headers.get("x-image-job-id")).toMatch(/^imgjob_[0-9a-f]{32}$/);
  expect(answer.headers.get("x-image-warnings")).toBeNull();
  const job = await fetch(`${host.url}/v1/images/jobs/${answer.headers.get("x-image-job-id")}`, {
    headers: { authorization: "Bearer sk-ann" },
  });
  expect(await jsonOf(job)).toMatchObject({ client_request_id: "mine", completed_at: created });
});

it.each(["a".repeat(513), "tab\there"])("refuses an unfit X-Client-Request-Id", async (id) => {
  await start();
  const answer = await generate(host, PROMPT, { "x-client-request-id": id });
  expect(answer.status).toBe(400);
  expect((await jsonOf(answer)).error.param).toBe("X-Client-Request-Id");
});

it("names the job in the errors that come after its admission, and in no others", async () => {
  await start({
    providers: [
      scriptedProvider(() => {
        throw new Error("broken");
      }),
    ],
  });
  expect((await generate(host, PROMPT)).headers.get("x-image-job-id")).toMatch(/^imgjob_/);
  expect((await generate(host, { ...PROMPT, model: "x" })).headers.get("x-image-job-id")).toBeNull();
});

it("says what the bytes are, not what was asked for or claimed", async () => {
  const jpeg = await picture({ width: 24, height: 16, format: "jpeg" });
  await start({ providers: [giving([jpeg], { type: "image/png", width: 1, height: 1 })] });
  const body = await jsonOf(await generate(host, { ...PROMPT, size: "64x64", output_format: "png" }));
  expect(body).toMatchObject({ size: "24x16", output_format: "jpeg" });
  expect((await fetch(body.data[0].url)).headers.get("content-type")).toBe("image/jpeg");
});

it("hands on the revised prompt of each picture", async () => {
  await start({ providers: [giving(await three(), { revisedPrompt: "a redder cube – “so” \u{1F600}" })] });
  const { data } = await jsonOf(await generate(host, { ...PROMPT, n: 3, response_format: "b64_json" }));
  for (const each of data) expect(each.revised_prompt).toBe("a redder cube – “so” \u{1F600}");
});

it.each([
  ["test-model", {}, "url"],
  ["test-model", { defaultResponseFormat: "b64_json" }, "b64_json"],
  ["gpt-image-2", { id: "gpt-image-2" }, "b64_json"],
  ["chatgpt-image-latest", { id: "chatgpt-image-latest" }, "b64_json"],
  ["gpt-image-2", { id: "gpt-image-2", defaultResponseFormat: "url" }, "url"],
] as const)(
  "answers a request for %s with card %j as %s when it does not say",
  async (model, card, format) => {
    await start({ providers: [scriptedProvider(undefined, card)] });
    for (const asked of [undefined, null]) {
      const { data } = await jsonOf(await generate(host, { ...PROMPT, model, response_format: asked }));
      expect(Object.keys(data[0])).toEqual([format]);
    }
  },
);

it("ignores style and quality that a model has not, and says so in header, body and job", async () => {
  const provider = scriptedProvider(undefined, { params: { style: false, quality: false } });
  await start({ providers: [provider] });
  const answer = await generate(host, { ...PROMPT, style: "vivid", quality: "standard" });
  const { warnings } = await jsonOf(answer);
  expect(warnings).toEqual([
    { param: "quality", message: "'quality' does not apply to this model and was ignored." },
    { param: "style", message: "'style' does not apply to this model and was ignored." },
  ]);
  expect(answer.headers.get("x-image-warnings")).toBe(
    "\"quality: 'quality' does not apply to this model and was ignored.\", \"style: 'style' does not apply to this model and was ignored.\"",
  );
  expect(provider.calls[0]).not.toHaveProperty("style");
  const job = await fetch(`${host.url}/v1/images/jobs/${answer.headers.get("x-image-job-id")}`, {
    headers: { authorization: "Bearer sk-ann" },
  });
  expect((await jsonOf(job)).warnings).toEqual(warnings);
});

it("forwards the extra fields of the card and warns of others, whatever is in their names", async () => {
  const provider = scriptedProvider(undefined, { extra: ["steps"] });
  await start({ providers: [provider] });
  const answer = await generate(host, { ...PROMPT, steps: 4, 'x"\r\nset-cookie: a=1\u{1F600}': 1 });
  expect(answer.status).toBe(200);
  expect(provider.calls[0]?.extra).toEqual({ steps: 4 });
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(answer.headers.get("x-image-warnings")).toMatch(
    /^"x\\"%0D%0Aset-cookie: a=1%F0%9F%98%80: [\x20-\x7e]+"$/,
  );
});

it("gives some pictures with a warning when other calls fail", async () => {
  let calls = 0;
  const provider = scriptedProvider(
    async () => {
      calls += 1;
      if (calls === 2) throw new Error("broken");
      return { images: [bytesOut(await picture())], meta: () => ({}) };
    },
    { limits: { n: 1 } },
  );
  await start({ providers: [provider] });
  const answer = await generate(host, { ...PROMPT, n: 3 });
  const body = await jsonOf(answer);
  expect(answer.status).toBe(200);
  expect(body.data).toHaveLength(2);
  expect(body.warnings).toHaveLength(1);
});
