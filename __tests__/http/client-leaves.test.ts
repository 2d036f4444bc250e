import express from "express";
import type { ImageStore, RunContext } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import { generate, type HostSetup, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, scriptedProvider, untilAborted } from "../support/scripted-provider";
import { postHead, rawClient } from "./raw";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(async () => {
  jest.useRealTimers();
  await host.close();
});

/** A promise with its way to settle. */
function signalled<T = void>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

const problems = () => host.log.filter(({ level }) => level === "warn" || level === "error");
const BODY = JSON.stringify({ ...PROMPT, response_format: "b64_json" });
const STOPPABLE = { cancel: { queued: "yes", running: "yes" } } as const;

/** A provider whose call lasts until it is told to stop. */
function lasting(card: object) {
  const begun = signalled<RunContext>();
  const provider = scriptedProvider((task, context) => {
    begun.resolve(context);
    return untilAborted(task, context);
  }, card);
  return { provider, begun: begun.promise };
}

it("cancels the work of a client that has left, at once with no grace time", async () => {
  const { provider, begun } = lasting(STOPPABLE);
  await start({ providers: [provider], options: { disconnectGraceMs: 0 } });
  const client = await rawClient(host.url);
  client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY);
  const { signal } = await begun;
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  client.socket.resetAndDestroy();
  await aborted;
  await host.images.close({ timeoutMs: 5_000 });
  expect(problems()).toEqual([]);
});

it("stops a provider that is in the middle of a picture when its client leaves", async () => {
  const taken = signalled();
  const closed = signalled<boolean>();
  const provider = scriptedProvider((_task, { signal }) => ({
    images: [
      {
        data: {
          as: "bytes",
          async *open() {
            try {
              yield await picture();
              taken.resolve();
              await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
            } finally {
              closed.resolve(signal.aborted);
            }
          },
        },
      },
    ],
    meta: () => ({}),
  }));
  await start({ providers: [provider], options: { disconnectGraceMs: 0 } });
  const client = await rawClient(host.url);
  client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY);
  await taken.promise;
  client.socket.resetAndDestroy();
  expect(await closed.promise).toBe(true);
});

it("lets the work go on that the model cannot stop", async () => {
  const begun = signalled<AbortSignal>();
  const finish = signalled();
  const provider = scriptedProvider(
    async (_task, { signal }) => {
      begun.resolve(signal);
      await finish.promise;
      return { images: [bytesOut(await picture())], meta: () => ({}) };
    },
    { cancel: { queued: "no", running: "no" } },
  );
  await start({ providers: [provider], options: { disconnectGraceMs: 0 } });
  const noticed = new Promise<void>((resolve) => {
    const { push } = host.log;
    host.log.push = (...lines) => {
      if (lines.some(({ message }) => message.startsWith("the caller left"))) resolve();
      return push.apply(host.log, lines);
    };
  });
  const client = await rawClient(host.url);
  client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY);
  const signal = await begun.promise;
  client.socket.resetAndDestroy();
  await noticed;
  expect(signal.aborted).toBe(false);
  finish.resolve();
  await host.images.close({ timeoutMs: 5_000 });
  expect(signal.aborted).toBe(false);
  expect(problems()).toEqual([]);
});

it("starts no work for a client that left while the host's middleware was at work", async () => {
  const provider = scriptedProvider();
  const arrived = signalled();
  const left = signalled();
  const passed = signalled();
  await start({
    providers: [provider],
    // With the body read, only the answer's connection tells that nobody is there.
    before: (app) =>
      void app.use(express.json(), (req, res, next) => {
        if (req.body.prompt === "the next one") return next();
        res.once("close", () => left.resolve());
        arrived.resolve();
        void left.promise.then(() => {
          next();
          passed.resolve();
        });
      }),
  });
  const client = await rawClient(host.url);
  client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY);
  await arrived.promise;
  client.socket.resetAndDestroy();
  await passed.promise;
  // Jobs of one caller start in the order of their requests.
  expect((await generate(host, { ...PROMPT, prompt: "the next one" })).status).toBe(200);
  expect(provider.calls).toEqual([expect.objectContaining({ prompt: "the next one" })]);
  expect(problems()).toEqual([]);
});

const CHUNK = 64 * 1024;
const CHUNKS = 640;

/** A store whose pictures are endless to read, and that counts what was read of them. */
function countingStore() {
  const inner = memoryStore();
  const ended = signalled();
  const seen = { chunks: 0, ended: ended.promise };
  const store: ImageStore = {
    ready: async () => {},
    reserve: (request) => inner.reserve(request),
    delete: (keys) => inner.delete(keys),
    close: () => inner.close?.(),
    async stat(key) {
      const image = await inner.stat(key);
      return image === undefined ? undefined : { ...image, bytes: CHUNK * CHUNKS };
    },
    async read(key) {
      const image = await this.stat(key);
      if (image === undefined) return undefined;
      async function* body() {
        try {
          for (; seen.chunks < CHUNKS; seen.chunks += 1) yield Buffer.alloc(CHUNK, 7);
        } finally {
          ended.resolve();
        }
      }
      return { image, body: body() };
    },
  };
  return { store, seen };
}

/** Asks for a picture of 40 MB and reads nothing of it once the answer has begun. */
async function stopReading() {
  const { store, seen } = countingStore();
  await start({ options: { store } });
  const { data } = JSON.parse(await (await generate(host, { ...PROMPT, response_format: "url" })).text());
  const link = new URL(data[0].url);
  const client = await rawClient(host.url);
  client.socket.write(`GET ${link.pathname}${link.search} HTTP/1.1\r\nHost: a\r\n\r\n`);
  client.socket.pause();
  return { client, seen };
}

/** Waits until the number of chunks read stands still. */
async function standstill(seen: { readonly chunks: number }): Promise<number> {
  let before = -1;
  for (let turns = 0; turns < 200 || before !== seen.chunks; turns += 1) {
    if (before !== seen.chunks) turns = 0;
    before = seen.chunks;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return before;
}

it("reads no more of a picture than a client takes, and cuts it when it takes nothing for 60 s", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "Date"] });
  const { client, seen } = await stopReading();
  expect(await standstill(seen)).toBeLessThan(CHUNKS / 2);
  jest.advanceTimersByTime(59_000);
  expect(await standstill(seen)).toBeLessThan(CHUNKS / 2);
  jest.advanceTimersByTime(1_001);
  await seen.ended;
  client.socket.resume();
  await client.over();
  client.socket.destroy();
  expect(seen.chunks).toBeLessThan(CHUNKS);
  expect(problems()).toEqual([]);
});

it("stops reading the store when the client leaves in the middle, without a word in the log", async () => {
  const { client, seen } = await stopReading();
  await standstill(seen);
  client.socket.resetAndDestroy();
  await seen.ended;
  await host.images.close();
  expect(seen.chunks).toBeLessThan(CHUNKS);
  expect(problems()).toEqual([]);
});

it("cuts the answer when the store fails in the middle of it, and gives an envelope when it fails before", async () => {
  const { store, seen } = countingStore();
  let failAt = 10;
  const failing: ImageStore = {
    ...store,
    async read(key, options) {
      const found = await store.read(key, options);
      if (found === undefined) return undefined;
      async function* body(source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          if (seen.chunks >= failAt) throw new Error("the disk broke");
          yield chunk;
        }
      }
      return { ...found, body: body(found.body) };
    },
  };
  await start({ options: { store: failing } });
  const { data } = JSON.parse(await (await generate(host, { ...PROMPT, response_format: "url" })).text());
  await expect(fetch(data[0].url).then((answer) => answer.arrayBuffer())).rejects.toThrow();
  failAt = 0;
  const answer = await fetch(data[0].url);
  expect(answer.status).toBe(500);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const name of ["etag", "content-disposition", "accept-ranges"])
    expect(answer.headers.get(name)).toBeNull();
});
