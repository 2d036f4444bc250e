import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";

import { createImageRouter, type ImageRouterOptions } from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { diskStore } from "express-image-gateway/stores/disk";
import { memoryStore } from "express-image-gateway/stores/memory";
import { signalled } from "../support/gate";
import { generate, jsonOf, type LogLine, PROMPT, startHost } from "../support/host";
import { bytesOut, picture, scriptedProvider, untilAborted } from "../support/scripted-provider";

const KEY = { authorization: "Bearer sk-ann" };

/** A provider whose call lasts until the test ends it. */
function held() {
  let isBusy: () => void = () => {};
  let finish: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    isBusy = resolve;
  });
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const provider = scriptedProvider(async () => {
    isBusy();
    await finished;
    return { images: [bytesOut(await picture({ width: 400, height: 400 }))], meta: () => ({}) };
  });
  return { provider, busy, finish };
}

const log: LogLine[] = [];
const at = (level: string) => (about: object, message: string) => void log.push({ level, about, message });
const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
beforeEach(() => void log.splice(0));

const options = (): ImageRouterOptions => ({
  authenticate: () => ({ id: "ann" }),
  capabilities: () => true,
  providers: [scriptedProvider()],
  store: memoryStore(),
  logger,
});

it("lets a request under way end with its pictures, while new ones are told to go elsewhere", async () => {
  const { provider, busy, finish } = held();
  const host = await startHost({ providers: [provider] });
  const running = generate(host, { ...PROMPT, response_format: "b64_json" });
  await busy;
  let isClosed = false;
  const closing = host.images.close().then(() => {
    isClosed = true;
  });

  const refused = await generate(host, PROMPT);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("connection")).toBe("close");
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("x-should-retry")).toBe("true");
  expect((await jsonOf(refused)).error.code).toBe("draining");
  const list = await fetch(`${host.url}/v1/images/jobs`, { headers: KEY });
  expect((await jsonOf(list)).data).toMatchObject([{ status: "in_progress" }]);
  expect(isClosed).toBe(false);

  finish();
  await closing;
  const answer = await running;
  expect(answer.status).toBe(200);
  expect((await jsonOf(answer)).data[0].b64_json).toMatch(/^iVBOR/);
  await host.close();
});

/** A provider whose call lasts until it is told to stop. */
function lasting() {
  const begun = signalled<AbortSignal>();
  const provider = scriptedProvider((task, context) => {
    begun.resolve(context.signal);
    return untilAborted(task, context);
  });
  return { provider, begun: begun.promise };
}

it("lets a job be cancelled over HTTP while it drains, and then waits for it no longer", async () => {
  const { provider, begun } = lasting();
  const host = await startHost({ providers: [provider] });
  const { id } = await jsonOf(await generate(host, PROMPT, { prefer: "respond-async" }));
  const signal = await begun;
  const closing = host.images.close();
  const cancelled = await fetch(`${host.url}/v1/images/jobs/${id}/cancel`, { method: "POST", headers: KEY });
  expect(cancelled.status).toBe(200);
  expect(await jsonOf(cancelled)).toMatchObject({ id });
  expect(signal.aborted).toBe(true);
  // Within the time of this test, which is shorter than that of a drain.
  await closing;
  await host.close();
});

it("waits until a large answer has left the store", async () => {
  const host = await startHost({
    providers: [
      scriptedProvider(async () => {
        const image = Buffer.concat([await picture(), Buffer.alloc(8 * 1024 * 1024, 1)]);
        return { images: [bytesOut(image)], meta: () => ({}) };
      }),
    ],
    options: { store: diskStore() },
  });
  const answer = await generate(host, { ...PROMPT, response_format: "b64_json" });
  // The head is there, the body is not.
  const closing = host.images.close();
  const body = await jsonOf(answer);
  expect(Buffer.from(body.data[0].b64_json, "base64").length).toBeGreaterThan(8 * 1024 * 1024);
  await closing;
  await host.close();
});

it("says 'closed' to everything afterwards, files included", async () => {
  const host = await startHost();
  const { data } = await jsonOf(await generate(host, PROMPT));
  await host.images.close();
  const answers = [
    await generate(host, PROMPT),
    await fetch(`${host.url}/v1/models`, { headers: KEY }),
    await fetch(`${host.url}/v1/images/jobs`, { headers: KEY }),
    await fetch(data[0].url),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect((await jsonOf(answer)).error.code).toBe("closed");
  }
  expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  await host.close();
});

it("cuts off what outlasts the time it was given", async () => {
  const { provider, begun } = lasting();
  const host = await startHost({ providers: [provider] });
  const running = generate(host, PROMPT);
  const signal = await begun;
  await host.images.close({ timeoutMs: 0 });
  expect(signal.aborted).toBe(true);
  const answer = await running;
  expect(answer.status).toBe(503);
  expect((await jsonOf(answer)).error.code).toBe("draining");
  await host.close();
});

it("gives every caller one promise, however often and when it is called", async () => {
  const closed: string[] = [];
  const store = Object.assign(memoryStore(), { close: () => void closed.push("store") });
  const gateway = createImageRouter({ ...options(), store });
  const first = gateway.close();
  const second = gateway.close({ timeoutMs: 0 });
  expect(second).toBe(first);
  await first;
  expect(gateway.close()).toBe(first);
  expect(closed).toEqual(["store"]);
  expect((await gateway.health()).status).toBe("closed");
  expect(() => gateway.disconnectPrincipal("ann")).not.toThrow();
});

it("ends during a start, also one that never ends or has failed", async () => {
  const starting = createImageRouter(options());
  await starting.close();
  const failed = createImageRouter({
    ...options(),
    store: Object.assign(memoryStore(), { ready: () => Promise.reject(new Error("broken")) }),
  });
  await failed.close();
  const hanging = createImageRouter({
    ...options(),
    store: Object.assign(memoryStore(), { ready: () => new Promise<void>(() => {}) }),
  });
  await hanging.close({ timeoutMs: 0 });
  expect((await hanging.health()).status).toBe("closed");
});

it("releases everything else when something cannot be, and says what it was", async () => {
  const closed: string[] = [];
  const provider = (id: string, close: () => void | Promise<void>) =>
    Object.assign(scriptedProvider(undefined, {}, id), { close });
  const jobs = memoryJobs();
  const gateway = createImageRouter({
    ...options(),
    providers: [
      provider("throws", () => {
        throw new Error("secret-canary");
      }),
      provider("rejects", () => Promise.reject(new Error("secret-canary"))),
      provider("well", () => void closed.push("well")),
    ],
    jobs: Object.assign(jobs, {
      close: () => {
        closed.push("jobs");
        throw new Error("secret-canary");
      },
    }),
    store: Object.assign(memoryStore(), { close: () => void closed.push("store") }),
  });
  await gateway.ready();
  await expect(gateway.close()).resolves.toBeUndefined();
  expect(closed).toEqual(["jobs", "well", "store"]);
  expect(log.filter(({ level }) => level === "error").map(({ about }) => about)).toEqual([
    expect.objectContaining({ part: "jobs" }),
    expect.objectContaining({ part: "throws" }),
    expect.objectContaining({ part: "rejects" }),
  ]);
  expect(JSON.stringify(log)).not.toContain("canary");
});

it("does not wait for ever for a provider that does not close", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance", "Date"] });
  const provider = Object.assign(scriptedProvider(), { close: () => new Promise<void>(() => {}) });
  const gateway = createImageRouter({ ...options(), providers: [provider] });
  const closing = gateway.close();
  await jest.advanceTimersByTimeAsync(5_000);
  await closing;
  jest.useRealTimers();
  expect(log.some(({ about }) => "part" in about && about.part === "scripted")).toBe(true);
});

it("leaves the host's registry alone", async () => {
  const close = jest.fn();
  const registry = { candidates: () => [], list: () => [], close };
  const gateway = createImageRouter({ ...options(), providers: registry });
  await gateway.close();
  expect(close).not.toHaveBeenCalled();
});

it("leaves no timer, connection, listener or temporary file behind", async () => {
  // Folders of other processes come and go meanwhile; those of this one have its id in their names.
  const own = new RegExp(`^express-image-gateway-.*-${process.pid}-`);
  const folders = async () => (await readdir(tmpdir())).filter((name) => own.test(name)).sort();
  const resources = () => process.getActiveResourcesInfo().sort();
  const listeners = (emitter: NodeJS.EventEmitter) =>
    Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));

  const bare = await startHost();
  await bare.images.close();
  const before = { folders: await folders(), resources: resources() };
  const io = listeners(bare.io);
  const server = listeners(bare.io.httpServer);
  const signals = listeners(process);

  const { store: _, ...embedded } = options();
  const images = createImageRouter(embedded);
  images.attach(bare.io);
  await images.ready();
  bare.app.use("/second", images.router);
  expect((await folders()).length).toBe(before.folders.length + 1);
  const answer = await generate(bare, PROMPT, { connection: "close" }, "/second");
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  await images.close();

  expect(await folders()).toEqual(before.folders);
  expect(listeners(bare.io)).toEqual(io);
  expect(listeners(bare.io.httpServer)).toEqual(server);
  expect(listeners(process)).toEqual(signals);
  const ours = resources().filter((name) => !/TCP|Pipe|TTY/.test(name));
  expect(ours).toEqual(before.resources.filter((name) => !/TCP|Pipe|TTY/.test(name)));
  await bare.close();
});
