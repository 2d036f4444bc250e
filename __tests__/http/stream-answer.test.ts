import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import compression from "compression";
import { type ImageOut, type Progress, ProviderError } from "express-image-gateway";

import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(async () => {
  jest.useRealTimers();
  await host?.close();
});

interface Event {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

const eventsIn = (body: string): Event[] =>
  body
    .split("\n\n")
    .filter((block) => block.startsWith("event:"))
    .map((block) => {
      const [, name = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      return { name, data: JSON.parse(data) };
    });

const STREAM = { ...PROMPT, stream: true };
const stream = async (body: object = {}) => generate(host, { ...STREAM, ...body });
const events = async (body: object = {}) => {
  const answer = await stream(body);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  return eventsIn(await answer.text());
};
/** Without the percentages, whose number is not settled. */
const picturesOf = (all: readonly Event[]) => all.filter(({ name }) => !name.endsWith(".progress"));
const named = (name: string) => expect.objectContaining({ name });

/** One that tells so many steps, each with a preview, and delivers `task.n` pictures. */
const sampling =
  (steps: number, previews: readonly Uint8Array[]): Script =>
  async (task, { progress, wantsPreviews }) => {
    for (let step = 1; step <= steps; step += 1) {
      const bytes = previews[step - 1];
      const preview: Pick<Progress, "preview"> =
        bytes !== undefined && wantsPreviews ? { preview: { type: "image/png", bytes } } : {};
      progress({ phase: "sampling", step, steps, ...preview });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const images = await Promise.all(Array.from({ length: task.n }, (_, seed) => picture({ seed })));
    return { images: images.map((each) => bytesOut(each)), meta: () => ({}) };
  };

const steps = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, at) => picture({ seed: at, width: 4 })));
const base64 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("base64");

describe("a provider that has no unfinished pictures", () => {
  it("gives one completed event, with what the bytes are", async () => {
    const jpeg = await picture({ format: "jpeg", width: 24, height: 16 });
    await start({ providers: [scriptedProvider(() => ({ images: [bytesOut(jpeg)], meta: () => ({}) }))] });
    const answer = await stream({ quality: "high", partial_images: 3 });
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect(answer.headers.get("x-image-job-id")).toMatch(/^imgjob_/);
    expect(picturesOf(eventsIn(await answer.text()))).toEqual([
      {
        name: "image_generation.completed",
        data: {
          type: "image_generation.completed",
          b64_json: jpeg.toString("base64"),
          created_at: expect.any(Number),
          size: "24x16",
          quality: "high",
          background: "auto",
          output_format: "jpeg",
        },
      },
    ]);
  });

  it("gives each of several pictures with its place, and tells usage and warnings with the last", async () => {
    const usage = { totalTokens: 9, inputTokens: 4, outputTokens: 5 };
    const script: Script = async (task) => ({
      images: (await steps(task.n)).map((each) => bytesOut(each)),
      meta: () => ({ usage, warnings: [{ message: "from upstream" }] }),
    });
    await start({ providers: [scriptedProvider(script)] });
    const all = picturesOf(await events({ n: 3, style: "odd" }));
    expect(all.map(({ data }) => data["image_index"])).toEqual([0, 1, 2]);
    expect(all.map(({ data }) => data["usage"])).toEqual([
      undefined,
      undefined,
      { total_tokens: 9, input_tokens: 4, output_tokens: 5 },
    ]);
    expect(all[2]?.data["warnings"]).toEqual([{ message: "from upstream" }]);
  });

  it("says at the end what is missing, and what all of it has used", async () => {
    const usage = { totalTokens: 9, inputTokens: 4, outputTokens: 5 };
    const script: Script = async (_task, { progress }) => {
      const [first, second] = (await steps(2)).map((each) => bytesOut(each));
      async function* images() {
        if (first !== undefined) yield first;
        progress({ phase: "sampling", step: 2, steps: 3 });
        await new Promise((resolve) => setImmediate(resolve));
        if (second !== undefined) yield second;
      }
      return { images: images(), meta: () => ({ usage }) };
    };
    await start({
      providers: [scriptedProvider(script)],
      options: { limits: { progressPerSecond: 1000 } },
    });
    const all = await events({ n: 3 });
    expect(picturesOf(all)).toHaveLength(2);
    expect(all.at(-1)).toEqual({
      name: "image_generation.progress",
      data: expect.objectContaining({
        progress: 100,
        usage: { total_tokens: 9, input_tokens: 4, output_tokens: 5 },
        warnings: [{ param: "n", message: expect.stringContaining("2 of 3") }],
      }),
    });
  });

  it("says quality and background as the provider says them", async () => {
    const bytes = await picture();
    const effective = { quality: "low", background: "opaque" };
    const script: Script = () => ({ images: [bytesOut(bytes)], meta: () => ({ effective }) });
    await start({ providers: [scriptedProvider(script)] });
    expect(picturesOf(await events({ quality: "high" }))).toMatchObject([{ data: effective }]);
  });

  it("tells percentages between, and none after the last picture", async () => {
    await start({
      providers: [scriptedProvider(sampling(4, []))],
      options: { limits: { progressPerSecond: 1000 } },
    });
    const all = await events();
    const progress = all.filter(({ name }) => name === "image_generation.progress");
    expect(progress.length).toBeGreaterThan(0);
    expect(progress[0]?.data).toMatchObject({
      type: "image_generation.progress",
      job_id: expect.stringMatching(/^imgjob_/),
      phase: "sampling",
      steps: 4,
    });
    expect(all.at(-1)).toEqual(named("image_generation.completed"));
  });

  it("says a late revised prompt", async () => {
    const bytes = await picture();
    await start({
      providers: [
        scriptedProvider(() => ({
          images: [bytesOut(bytes, { revisedPrompt: "redder" })],
          meta: () => ({}),
        })),
      ],
    });
    expect(picturesOf(await events())[0]?.data["revised_prompt"]).toBe("redder");
  });
});

describe("a provider with previews", () => {
  it.each([
    [0, []],
    [1, [4]],
    [2, [3, 6]],
    [3, [2, 4, 6]],
  ])("gives %d partial images out of eight previews, spread over the run", async (partial_images, chosen) => {
    const previews = await steps(8);
    await start({ providers: [scriptedProvider(sampling(8, previews), { previews: true })] });
    const all = picturesOf(await events({ partial_images }));
    const partials = all.slice(0, -1);
    expect(all.at(-1)).toEqual(named("image_generation.completed"));
    expect(partials.map(({ data }) => data["b64_json"])).toEqual(
      chosen.map((step) => base64(previews[step - 1])),
    );
    expect(partials.map(({ data }) => data["partial_image_index"])).toEqual(chosen.map((_, at) => at));
    for (const { name, data } of partials) {
      expect(name).toBe("image_generation.partial_image");
      expect(data).toMatchObject({ size: "4x8", output_format: "png", created_at: expect.any(Number) });
    }
  });

  it("is asked for previews only while some are still wanted", async () => {
    const [preview = Buffer.alloc(0)] = await steps(1);
    const wanted: boolean[] = [];
    const script: Script = async (_task, context) => {
      for (let step = 1; step <= 4; step += 1) {
        wanted.push(context.wantsPreviews);
        context.progress({
          phase: "sampling",
          step,
          steps: 4,
          preview: { type: "image/png", bytes: preview },
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { images: [bytesOut(preview)], meta: () => ({}) };
    };
    await start({ providers: [scriptedProvider(script, { previews: true })] });
    await events({ partial_images: 1 });
    expect(wanted).toEqual([true, true, false, false]);
  });
});

describe("a provider that streams by itself", () => {
  const native =
    (...images: readonly ImageOut[]): Script =>
    () => ({ images, meta: () => ({}) });
  const card = { stream: "native" } as const;

  it("has every unfinished picture relayed, whole, and shown on sockets where they are small", async () => {
    const small = await steps(3);
    const large = Buffer.concat([await picture(), randomBytes(400_000)]);
    const partials = [...small, large].map((bytes, partial) => bytesOut(bytes, { partial }));
    const provider = scriptedProvider(native(...partials, bytesOut(large)), card);
    await start({ providers: [provider], options: { limits: { previewsPerSecond: 1000 } } });
    const socket = host.socket({ token: "sk-ann" });
    const shown: number[] = [];
    socket.on("preview", (_about, bytes: Uint8Array) => shown.push(bytes.byteLength));
    await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
    const ended = new Promise((resolve) => {
      socket.on("progress", (job) => job.completed_at !== null && resolve(undefined));
    });
    const all = picturesOf(await events({ partial_images: 3 }));
    expect(all.map(({ data }) => data["b64_json"])).toEqual([...small, large, large].map(base64));
    expect(all.map(({ data }) => data["partial_image_index"])).toEqual([0, 1, 2, 3, undefined]);
    expect(provider.calls).toMatchObject([{ partialImages: 3 }]);
    await ended;
    expect(shown.every((bytes) => bytes < 1_000)).toBe(true);
    expect(shown.length).toBeGreaterThan(0);
  });

  it.each([{ stream: true }, { stream: false, response_format: "b64_json" }])(
    "has unfinished pictures that nobody asked for let go: %j",
    async (body) => {
      const [partial, final] = [await picture({ seed: 1 }), await picture({ seed: 2 })];
      const script = native(bytesOut(partial, { partial: 0 }), bytesOut(final));
      await start({ providers: [scriptedProvider(script, card)] });
      const answer = await (await stream(body)).text();
      expect(answer).toContain(base64(final));
      expect(answer).not.toContain(base64(partial));
    },
  );

  it("loses nothing by an unfinished picture that is none", async () => {
    const [partial, final] = [await picture({ seed: 1 }), await picture({ seed: 2 })];
    const broken = bytesOut(Buffer.from("no picture at all"), { partial: 0 });
    const script = native(broken, bytesOut(partial, { partial: 1 }), bytesOut(final));
    await start({ providers: [scriptedProvider(script, card)] });
    const all = picturesOf(await events({ partial_images: 2 }));
    expect(all.map(({ data }) => data["b64_json"])).toEqual([partial, final].map(base64));
  });

  it("is not asked for unfinished pictures that nobody wants", async () => {
    const provider = scriptedProvider(undefined, card);
    await start({ providers: [provider] });
    await events();
    expect(provider.calls[0]).not.toHaveProperty("partialImages");
  });
});

describe("failures", () => {
  const broken = (started: "no" | "yes" = "yes") =>
    new ProviderError("timeout", "It fell silent.", { started });

  it("before the first event are ordinary errors", async () => {
    await start({
      providers: [
        scriptedProvider((_task, { progress }) => {
          progress({ phase: "sampling" });
          throw new ProviderError("content_policy", "Not this.", { started: "no" });
        }),
      ],
    });
    const answer = await stream();
    expect(answer.status).toBe(400);
    expect((await jsonOf(answer)).error).toMatchObject({
      code: "content_policy_violation",
      message: "Not this.",
    });
    for (const body of [{ n: 0 }, { partial_images: 4 }, { model: "nope" }]) {
      expect((await stream(body)).status).toBeGreaterThanOrEqual(400);
    }
  });

  it("after it are an error event, and the answer ends", async () => {
    await start({
      providers: [
        scriptedProvider(async (_task, { progress }) => {
          progress({ phase: "sampling", step: 1, steps: 2 });
          await new Promise((resolve) => setTimeout(resolve, 150));
          throw broken();
        }),
      ],
    });
    const all = await events();
    expect(all.at(-1)).toEqual({
      name: "error",
      data: {
        type: "error",
        error: { message: "It fell silent.", type: "server_error", param: null, code: "upstream_timeout" },
      },
    });
  });

  it("in the middle of a picture cut the connection", async () => {
    const png = await picture();
    const out: ImageOut = {
      data: {
        as: "bytes",
        async *open() {
          yield png;
          yield randomBytes(300_000);
          throw broken();
        },
      },
    };
    await start({ providers: [scriptedProvider(() => ({ images: [out], meta: () => ({}) }))] });
    const answer = await stream();
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    await host.images.close({ timeoutMs: 5_000 });
    expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

it("says that it is alive after fifteen seconds of silence, and again", async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const bytes = await picture();
  await start({
    providers: [
      scriptedProvider(async () => {
        await finished;
        return { images: [bytesOut(bytes)], meta: () => ({}) };
      }),
    ],
  });
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] });
  const answering = stream();
  const waits = async () => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  await waits();
  await jest.advanceTimersByTimeAsync(15_000);
  const answer = await answering;
  await jest.advanceTimersByTimeAsync(15_000);
  await waits();
  finish();
  const body = await answer.text();
  expect(body.match(/^: keep-alive$/gm)).toHaveLength(2);
  expect(eventsIn(body).map(({ name }) => name)).toEqual(["image_generation.completed"]);
});

it("says so also while it waits for the end of a job whose last picture is there", async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const bytes = await picture();
  async function* images() {
    yield bytesOut(bytes);
    await finished;
  }
  const usage = { totalTokens: 9 };
  await start({ providers: [scriptedProvider(() => ({ images: images(), meta: () => ({ usage }) }))] });
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] });
  const answer = await stream();
  const body = answer.text();
  await jest.advanceTimersByTimeAsync(15_000);
  finish();
  const [event = ""] = (await body).split("\n\n").filter((block) => block.includes("completed"));
  expect(event).toContain("\n: keep-alive\n");
  const data = event.match(/^data: .*$/gm)?.map((line) => line.slice("data: ".length));
  expect(JSON.parse(data?.join("\n") ?? "")).toMatchObject({
    b64_json: base64(bytes),
    usage: { total_tokens: 9 },
  });
});

it("is not held back by a host's compression", async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const bytes = await picture();
  await start({
    before: (app) => void app.use(compression()),
    providers: [
      scriptedProvider(async (_task, { progress }) => {
        progress({ phase: "sampling", step: 1, steps: 2 });
        await finished;
        return { images: [bytesOut(bytes)], meta: () => ({}) };
      }),
    ],
  });
  const answer = await generate(host, STREAM, { "accept-encoding": "gzip" });
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toContain("image_generation.progress");
  finish();
  reader?.releaseLock();
  expect(answer.body === null ? "" : await text(answer.body)).toContain("image_generation.completed");
});
