import { createServer } from "node:http";

import type { ImageTask, InputImage } from "../../../lib/ports/task";
import { type OpenAIOptions, openai } from "../../../lib/providers/openai";
import { createHttpClient } from "../../../lib/transport/http-client";
import { answer, json, type Reply, type SeenRequest, type Upstream, upstream } from "../../support/upstream";
import { pictures, providerFailure, runContext } from "./run-context";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function serve(...script: [Reply, ...Reply[]]): Promise<Upstream> {
  const server = await upstream(...script);
  open.push(server);
  return server;
}

function context() {
  const http = createHttpClient();
  open.push(http);
  return runContext(http);
}

const provider = ({ url }: Upstream, more: OpenAIOptions = {}) =>
  openai({ baseUrl: `${url}/v1`, apiKey: "canary-key", dialect: "openai", ...more });

const PICTURE = json(200, { created: 1, data: [{ b64_json: "AAAA" }] });

const image = (content: string | Buffer, type = "image/png"): InputImage => ({
  name: 'the caller"s own.png',
  type,
  length: Buffer.byteLength(content),
  async *open() {
    const bytes = Buffer.from(content);
    yield bytes.subarray(0, 2);
    yield bytes.subarray(2);
  },
});

type EditTask = Extract<ImageTask, { readonly op: "edit" }>;

const edit = (more: Partial<EditTask> = {}): EditTask => ({
  op: "edit",
  model: "gpt-image-1",
  prompt: "make it blue",
  n: 1,
  deliver: "any",
  extra: Object.create(null),
  images: [image("a picture")],
  ...more,
});

const variation = (model = "dall-e-2"): ImageTask => {
  const { prompt: _none, op: _edit, mask: _neither, ...fields } = edit({ model, n: 2 });
  return { op: "variation", ...fields };
};

/** Entries of a form, in order. */
async function formIn(request: SeenRequest | undefined) {
  const headers = { "content-type": request?.headers["content-type"] ?? "" };
  const form = await new Response(new Uint8Array(request?.body ?? []), { headers }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === "string" ? [name, value] : [name, value.name, value.type, await value.text()],
    ),
  );
}

it("sends an edit as a form, the fields first, with the length of the whole", async () => {
  const server = await serve(PICTURE);
  const ctx = context();
  const result = await provider(server).run(
    edit({
      size: { width: 1024, height: 1536 },
      quality: "high",
      background: "opaque",
      output: { format: "webp", compression: 80 },
      endUser: "user-1",
      n: 2,
      extra: Object.assign(Object.create(null), { input_fidelity: "high", flag: true, list: [1] }),
    }),
    ctx,
  );
  expect(await pictures(result)).toHaveLength(1);
  const [request] = server.requests;
  expect(request).toMatchObject({ method: "POST", path: "/v1/images/edits" });
  expect(request?.headers).toMatchObject({
    authorization: "Bearer canary-key",
    "content-length": String(request?.body.length),
    accept: "application/json",
  });
  expect(await formIn(request)).toEqual([
    ["input_fidelity", "high"],
    ["flag", "true"],
    ["list", "[1]"],
    ["model", "gpt-image-1"],
    ["prompt", "make it blue"],
    ["n", "2"],
    ["size", "1024x1536"],
    ["quality", "high"],
    ["background", "opaque"],
    ["output_format", "webp"],
    ["output_compression", "80"],
    ["user", "user-1"],
    ["image", "image-1.png", "image/png", "a picture"],
  ]);
  expect(ctx.told).toEqual([{ phase: "sampling" }, { phase: "decoding" }]);
});

it("sends several pictures under image[], and the mask under its own name", async () => {
  const server = await serve(PICTURE);
  const images = [image("first"), image("second", "image/jpeg"), image("third", "image/webp")];
  await provider(server).run(edit({ images, mask: image("the mask") }), context());
  expect((await formIn(server.requests[0])).slice(-4)).toEqual([
    ["image[]", "image-1.png", "image/png", "first"],
    ["image[]", "image-2.jpeg", "image/jpeg", "second"],
    ["image[]", "image-3.webp", "image/webp", "third"],
    ["mask", "mask.png", "image/png", "the mask"],
  ]);
});

it("tells the upstream nothing of what the caller calls his file", async () => {
  const server = await serve(PICTURE);
  await provider(server).run(edit({ mask: image("m") }), context());
  expect(server.requests[0]?.body.toString()).not.toContain("own");
});

it("sends a variation without a prompt, and response_format where the family has it", async () => {
  const server = await serve(json(200, { data: [{ b64_json: "AAAA" }, { b64_json: "BBBB" }] }));
  expect(await pictures(await provider(server).run(variation(), context()))).toHaveLength(2);
  expect(server.requests[0]?.path).toBe("/v1/images/variations");
  expect(await formIn(server.requests[0])).toEqual([
    ["model", "dall-e-2"],
    ["n", "2"],
    ["response_format", "b64_json"],
    ["image", "image-1.png", "image/png", "a picture"],
  ]);
});

it("sends pictures again for a second call with the same task", async () => {
  const server = await serve(PICTURE);
  const [openaiProvider, task, ctx] = [provider(server), edit(), context()];
  for (let times = 0; times < 2; times += 1) await pictures(await openaiProvider.run(task, ctx));
  const [first, second] = server.requests;
  expect(await formIn(first)).toEqual(await formIn(second));
});

it("passes a picture of unknown length on in chunks", async () => {
  const server = await serve(PICTURE);
  const { length: _unknown, ...rest } = image("a picture");
  await provider(server).run(edit({ images: [rest] }), context());
  expect(server.requests[0]?.headers["transfer-encoding"]).toBe("chunked");
  expect((await formIn(server.requests[0])).at(-1)).toEqual([
    "image",
    "image-1.png",
    "image/png",
    "a picture",
  ]);
});

it.each<[string, OpenAIOptions, string, string]>([
  [
    "an Azure deployment, which its address names",
    { dialect: "azure", apiVersion: "2025-04-01-preview", models: [{ id: "gpt-image-1", upstream: "eu" }] },
    "eu",
    "/v1/openai/deployments/eu/images/edits?api-version=2025-04-01-preview",
  ],
  ["stable-diffusion.cpp", { dialect: "sdcpp", models: ["sd"] }, "sd", "/v1/images/edits"],
  [
    "an unknown server, where the operator's card says so",
    { dialect: "generic", models: [{ id: "flux", ops: ["edit"] }] },
    "flux",
    "/v1/images/edits",
  ],
])("edits with %s", async (_title, options, model, path) => {
  const server = await serve(PICTURE);
  await pictures(await provider(server, options).run(edit({ model }), context()));
  const [request] = server.requests;
  expect(request?.path).toBe(path);
  const names = (await formIn(request)).map(([name]) => name);
  expect(names.includes("model")).toBe(!path.includes("deployments"));
});

it("keeps stable-diffusion.cpp's own block in the prompt of an edit, and the caller's out of it", async () => {
  const server = await serve(PICTURE);
  const prompt = 'blue <sd_cpp_extra_args>{"batch_count":9}</sd_cpp_extra_args>';
  const task = edit({ model: "sd", prompt, seed: 7 });
  await provider(server, { dialect: "sdcpp", models: ["sd"] }).run(task, context());
  const sent = (await formIn(server.requests[0])).find(([name]) => name === "prompt")?.[1];
  expect(sent).toBe(
    '<sd_cpp_extra_args>{"seed":7}</sd_cpp_extra_args>blue < sd_cpp_extra_args>{"batch_count":9}< /sd_cpp_extra_args>',
  );
});

it.each<[string, OpenAIOptions, ImageTask]>([
  ["an edit with DALL-E 3", { models: ["dall-e-3"] }, edit({ model: "dall-e-3" })],
  ["a variation with a GPT image model", { models: ["gpt-image-1"] }, variation("gpt-image-1")],
  ["an edit with LocalAI", { dialect: "localai", models: ["sd"] }, edit({ model: "sd" })],
  ["an edit with a model that nobody knows", { dialect: "generic", models: ["x"] }, edit({ model: "x" })],
])("does not begin %s", async (_title, options, task) => {
  const server = await serve(PICTURE);
  const error = await providerFailure(provider(server, options).run(task, context()));
  expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no" } });
  expect(server.connections()).toBe(0);
});

it("asks for events, and reads those of an edit", async () => {
  const event = (name: string, more: object) =>
    `event: ${name}\ndata: ${JSON.stringify({ type: name, ...more })}\n\n`;
  const events =
    event("image_edit.partial_image", { b64_json: "AAAA", partial_image_index: 0 }) +
    event("image_edit.completed", { b64_json: "BBBB" });
  const server = await serve(answer(200, events, { "content-type": "text/event-stream" }));
  const result = await provider(server).run(edit({ partialImages: 1 }), context());
  const partials: (number | undefined)[] = [];
  for await (const { partial, data } of result.images) {
    partials.push(partial);
    if (data.as !== "url") for await (const _piece of data.open());
  }
  expect(partials).toEqual([0, undefined]);
  const fields = Object.fromEntries((await formIn(server.requests[0])).map(([name, value]) => [name, value]));
  expect(fields).toMatchObject({ stream: "true", partial_images: "1" });
});

it.each([
  ["a key", 401, "auth"],
  ["a form", 413, "invalid_request"],
] as const)(
  "reads the refusal of %s that comes before the pictures are read",
  async (_title, status, fault) => {
    const text = JSON.stringify({ error: { message: "No.", type: "error", param: null, code: null } });
    const server = createServer((_req, res) => {
      res.writeHead(status, { "content-type": "application/json", "content-length": text.length }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({
      close() {
        server.closeAllConnections();
        server.close();
      },
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const hasty = openai({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      models: ["gpt-image-1"],
      dialect: "openai",
    });
    const images = [image(Buffer.alloc(20 * 2 ** 20, 1))];
    const error = await providerFailure(hasty.run(edit({ images }), context()));
    expect([error.fault, error.info.started, error.info.status]).toEqual([fault, "no", status]);
  },
);

it("does not call a picture that cannot be read the upstream's silence", async () => {
  const server = await serve(PICTURE);
  const broken: InputImage = {
    ...image("x"),
    // biome-ignore lint/correctness/useYield: it breaks before its first piece
    async *open() {
      throw new Error("/srv/images is gone");
    },
  };
  const error = await providerFailure(provider(server).run(edit({ images: [broken] }), context()));
  expect(error.message).not.toContain("/srv");
  expect(["protocol", "internal"]).toContain(error.fault);
  expect(server.requests).toHaveLength(0);
});
