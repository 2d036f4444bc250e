import { readdir } from "node:fs/promises";

import { memoryJobs } from "express-image-gateway/jobs/memory";
import { diskStore } from "express-image-gateway/stores/disk";
import { memoryStore } from "express-image-gateway/stores/memory";

import { temporaryFolders } from "../stores/folder";
import { dataUrl, editingProvider, outcome, sendForm, sendJson } from "../support/edits";
import { BOUNDARY, field, file, formBody } from "../support/forms";
import { type HostSetup, jsonOf, startHost, type TestHost } from "../support/host";
import { picture, pictures, type Script, untilAborted } from "../support/scripted-provider";
import { type WatchedStore, watchedStore } from "../support/watched-store";
import { rawClient } from "./raw";

const newFolder = temporaryFolders();

const STORES: Record<string, () => Promise<WatchedStore>> = {
  "the store in memory": async () => watchedStore(memoryStore()),
  async "the store on disk"() {
    const directory = await newFolder();
    return { store: diskStore({ directory }), remains: () => readdir(directory) };
  },
};

const MODEL = field("model", "test-model");
const PROMPT = field("prompt", "x");
/** So that nothing of the answer stays in the store. */
const AS_BASE64 = field("response_format", "b64_json");

describe.each(Object.keys(STORES))("of what came with a request nothing stays in %s", (kind) => {
  let host: TestHost;
  let watched: WatchedStore;
  let image: Buffer;

  async function start(script?: Script, setup: HostSetup = {}, card: object = {}): Promise<void> {
    const make = STORES[kind];
    if (make === undefined) throw new Error("no such store");
    watched = await make();
    image = await picture({ width: 100, height: 100 });
    host = await startHost({
      providers: [editingProvider(script, card)],
      ...setup,
      options: { store: watched.store, disconnectGraceMs: 0, ...setup.options },
    });
  }
  afterEach(() => host.close());

  /** For what is let go when nobody waits any more. */
  async function untilNothingRemains(): Promise<void> {
    const end = Date.now() + 5_000;
    while ((await watched.remains()).length > 0 && Date.now() < end) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await watched.remains()).toEqual([]);
  }

  const whole = () => [file("image", image), file("mask", image), MODEL, PROMPT, AS_BASE64];

  /** `begun` resolves once the provider is at work, which then goes on until it is stopped. */
  async function startWithWork(setup?: HostSetup): Promise<{ readonly begun: Promise<void> }> {
    let begin: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    await start(
      (task, context) => {
        begin();
        return untilAborted(task, context);
      },
      setup,
      { cancel: { queued: "yes", running: "yes" } },
    );
    return { begun };
  }

  /** Jobs that have ended stay as they are. */
  const cancel = async (which: "newest" | "all"): Promise<void> => {
    const headers = { authorization: "Bearer sk-ann" };
    const { data } = await jsonOf(await fetch(`${host.url}/v1/images/jobs`, { headers }));
    for (const { id } of which === "all" ? data : data.slice(0, 1)) {
      await fetch(`${host.url}/v1/images/jobs/${id}/cancel`, { method: "POST", headers });
    }
  };

  async function untilRemains(atLeast: number): Promise<void> {
    const end = Date.now() + 5_000;
    while ((await watched.remains()).length < atLeast && Date.now() < end) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await watched.remains()).length).toBeGreaterThanOrEqual(atLeast);
  }

  it("when it has been served, but while it is served it is there", async () => {
    let during: readonly string[] = [];
    await start(async (task) => {
      during = await watched.remains();
      return pictures(task.n);
    });
    expect(await outcome(sendForm(host, whole()))).toBe("200");
    expect(during.length).toBeGreaterThanOrEqual(3);
    await untilNothingRemains();
  });

  it.each<[string, () => ReturnType<typeof whole>, string]>([
    ["a field is wrong", () => [...whole(), field("n", "x")], "400 invalid_type n"],
    ["the prompt is missing", () => [file("image", image), MODEL], "400 missing_required_parameter prompt"],
    ["a later file is empty", () => [...whole(), file("image", Buffer.alloc(0))], "400 invalid_value image"],
    [
      "a later file is no picture",
      () => [...whole(), file("image", Buffer.alloc(99))],
      "400 invalid_value image",
    ],
    [
      "the mask has another size",
      () => [file("image", image), file("mask", small), MODEL, PROMPT],
      "400 invalid_value mask",
    ],
    ["a file is not known", () => [...whole(), file("other", image)], "400 unsupported_parameter other"],
    [
      "the model is not there",
      () => [file("image", image), field("model", "no"), PROMPT],
      "404 model_not_found model",
    ],
    ["the model takes one picture", () => [...whole(), file("image", image)], "400 invalid_value image"],
  ])("when it is refused because %s", async (_title, parts, expected) => {
    await start(undefined, {}, { limits: { inputImages: 1 } });
    expect(await outcome(sendForm(host, parts()))).toBe(expected);
    expect(await watched.remains()).toEqual([]);
  });
  let small: Buffer;
  beforeAll(async () => {
    small = await picture();
  });

  it("when it is refused as JSON, behind pictures that were taken in", async () => {
    await start();
    const body = { images: [{ image_url: dataUrl(image) }, { image_url: "nowhere" }] };
    expect(await outcome(sendJson(host, body))).toBe("400 invalid_value images.1.image_url");
    expect(await watched.remains()).toEqual([]);
    const text = JSON.stringify({ images: [{ image_url: dataUrl(image) }] }).slice(0, -1);
    expect(await outcome(sendJson(host, text))).toBe("400 invalid_json");
    expect(await watched.remains()).toEqual([]);
  });

  it.each([
    ["one picture", { inputBytes: 20_000 }],
    ["all pictures", { uploadBytes: 60_000, inputBytes: 50_000 }],
  ])("when there are too many bytes in %s", async (_title, limits) => {
    await start(undefined, { options: { limits } });
    const large = Buffer.concat([image, Buffer.alloc(40_000, 1)]);
    const parts = [file("image", large), file("image", large), MODEL, PROMPT];
    expect(await outcome(sendForm(host, parts))).toMatch(/^413 request_too_large/);
    expect(await watched.remains()).toEqual([]);
  });

  it("when the principal holds too much already", async () => {
    const { begun } = await startWithWork({
      options: { limits: { uploadBytes: 60_000, inputBytesPerPrincipal: 60_000 } },
    });
    const large = Buffer.concat([image, Buffer.alloc(40_000, 1)]);
    const parts = [file("image", large), MODEL, PROMPT, AS_BASE64];
    const first = outcome(sendForm(host, parts));
    await begun;
    const held = await watched.remains();
    expect(await outcome(sendForm(host, parts))).toBe("429 concurrency_limit");
    expect(await watched.remains()).toEqual(held);
    const bobs = { headers: { authorization: "Bearer sk-bob" } };
    expect(await outcome(sendForm(host, [file("image", large), MODEL], bobs))).toBe(
      "400 missing_required_parameter prompt",
    );
    await cancel("all");
    expect(await first).toBe("410 job_cancelled");
    await untilNothingRemains();
  });

  it("when the queue takes no more jobs", async () => {
    const { begun } = await startWithWork({
      options: { limits: { runningPerPrincipal: 1, queuedPerPrincipal: 0 } },
    });
    const first = outcome(sendForm(host, whole()));
    await begun;
    const held = await watched.remains();
    expect(await outcome(sendForm(host, whole()))).toBe("429 concurrency_limit");
    expect(await watched.remains()).toEqual(held);
    await cancel("all");
    await first;
    await untilNothingRemains();
  });

  it("when its job waits too long for its turn", async () => {
    const { begun } = await startWithWork({
      options: { limits: { runningPerPrincipal: 1, queueWaitMs: 20 } },
    });
    const first = outcome(sendForm(host, whole()));
    await begun;
    const held = await watched.remains();
    expect(await outcome(sendForm(host, whole()))).toBe("503 queue_timeout");
    await cancel("all");
    await first;
    await untilNothingRemains();
    expect(held.length).toBeGreaterThanOrEqual(3);
  });

  it("when its job is cancelled in the queue", async () => {
    const { begun } = await startWithWork({ options: { limits: { runningPerPrincipal: 1 } } });
    const first = outcome(sendForm(host, whole()));
    await begun;
    const held = await watched.remains();
    const waiting = outcome(sendForm(host, whole()));
    await untilRemains(held.length + 3);
    const jobs = async () =>
      jsonOf(await fetch(`${host.url}/v1/images/jobs`, { headers: { authorization: "Bearer sk-ann" } }));
    while ((await jobs()).data.length < 2);
    await cancel("newest");
    expect(await waiting).toBe("410 job_cancelled");
    await cancel("all");
    await first;
    await untilNothingRemains();
  });

  it("when its job fails, or is cancelled at work", async () => {
    await start(() => {
      throw new Error("broken");
    });
    expect(await outcome(sendForm(host, whole()))).toBe("502 upstream_error");
    await untilNothingRemains();
    await host.close();
    const { begun } = await startWithWork();
    const sent = outcome(sendForm(host, whole()));
    await begun;
    await cancel("all");
    expect(await sent).toBe("410 job_cancelled");
    await untilNothingRemains();
  });

  const head = (...headers: readonly string[]) =>
    [
      "POST /v1/images/edits HTTP/1.1",
      "Host: images.test",
      "Authorization: Bearer sk-ann",
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
      ...headers,
      "\r\n",
    ].join("\r\n");

  /** Sends the beginning of a form, so much that something of its second picture must have come to the store. */
  async function beginUpload() {
    const large = Buffer.concat([image, Buffer.alloc(300_000, 1)]);
    const body = formBody([file("image", image), file("image", large), MODEL, PROMPT]);
    const client = await rawClient(host.url);
    client.socket.write(head(`Content-Length: ${body.length}`));
    client.socket.write(body.subarray(0, -150_000));
    await untilRemains(2);
    return client;
  }

  it("when its client leaves in the middle of a picture, without a word in the log", async () => {
    await start();
    const client = await beginUpload();
    client.socket.resetAndDestroy();
    await untilNothingRemains();
    expect(host.log.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
  });

  it("when its client ends the body in the middle of a picture", async () => {
    await start();
    const client = await beginUpload();
    client.socket.end();
    expect(await client.over()).toMatch(/^HTTP\/1\.1 400 /);
    client.socket.destroy();
    await untilNothingRemains();
  });

  it("when its form is cut in the middle of a picture", async () => {
    await start();
    const body = formBody([file("image", image), file("image", image)]).subarray(0, -100);
    const client = await rawClient(host.url);
    client.socket.write(head(`Content-Length: ${body.length}`, "Connection: close"));
    client.socket.write(body);
    expect(await client.over()).toContain('"code":"invalid_request"');
    client.socket.destroy();
    expect(await watched.remains()).toEqual([]);
  });

  it("when nothing more of it comes", async () => {
    await start(undefined, { options: { limits: { uploadIdleMs: 50 } } });
    const client = await beginUpload();
    expect(await client.until("invalid_request")).toMatch(/^HTTP\/1\.1 400 .*for 50 ms/s);
    expect(await watched.remains()).toEqual([]);
    client.socket.destroy();
  });

  it("when the gateway is closed in the middle of a picture", async () => {
    await start();
    const client = await beginUpload();
    await host.images.close({ timeoutMs: 0 });
    expect(await watched.remains()).toEqual([]);
    client.socket.destroy();
  });

  it("when the gateway is closed while its job is at work, or waits", async () => {
    const { begun } = await startWithWork({ options: { jobs: memoryJobs({ maxRunning: 1 }) } });
    const sent = [outcome(sendForm(host, whole())), outcome(sendForm(host, whole()))];
    await begun;
    await untilRemains(6);
    await host.images.close({ timeoutMs: 0 });
    expect(await watched.remains()).toEqual([]);
    await Promise.all(sent);
  });
});

it("says 503 when there is no room for what comes with a request, and keeps nothing of it", async () => {
  const host = await startHost({
    providers: [editingProvider()],
    options: { store: memoryStore({ maxBytes: 5_000 }) },
  });
  const large = Buffer.concat([await picture(), Buffer.alloc(5_000, 1)]);
  const answer = await sendForm(host, [file("image", large), MODEL, PROMPT]);
  expect([answer.status, answer.headers.get("x-should-retry"), answer.headers.get("retry-after")]).toEqual([
    503,
    "true",
    "30",
  ]);
  expect(await outcome(sendForm(host, [file("image", await picture()), MODEL, PROMPT, AS_BASE64]))).toBe(
    "200",
  );
  await host.close();
});
