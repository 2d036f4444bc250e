import { randomBytes } from "node:crypto";
import { type ImageStore, ProviderError, StoreFullError } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import sharp from "sharp";
import { signalled } from "../support/gate";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, type ScriptedProvider, scriptedProvider } from "../support/scripted-provider";
import { watchedStore } from "../support/watched-store";
import { postHead, rawClient } from "./raw";

const BODY = JSON.stringify({ ...PROMPT, response_format: "b64_json" });
const FIRST = "x-stainless-retry-count: 0";
const RETRY = { "x-stainless-retry-count": "1" };

let large: Buffer;
let small: Buffer;
/** What the provider makes: the large one, unless a test says otherwise. */
let picture: Buffer;
let host: TestHost;
let provider: ScriptedProvider;
/** The provider sends the second half of its picture then. */
let go: ReturnType<typeof signalled<void>>;
/** The first connection has closed, and a retry is there. */
let closed: ReturnType<typeof signalled<void>>;
let asked: ReturnType<typeof signalled<void>>;
/** Its call was stopped, or has ended. */
let over: ReturnType<typeof signalled<void>>;

beforeAll(async () => {
  // More than fits into the buffers of a connection, where it counts as written; and one of which all goes out that has come.
  [large, small] = await Promise.all([noise(2_000), noise(300)]);
});
beforeEach(() => {
  picture = large;
});
afterEach(() => host.close());

function noise(size: number): Promise<Buffer> {
  const raw = { width: size, height: size, channels: 3 } as const;
  return sharp(randomBytes(size * size * raw.channels), { raw })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

async function start(options: HostSetup["options"] = {}): Promise<void> {
  closed = signalled();
  asked = signalled();
  go = signalled();
  over = signalled();
  async function* halves() {
    try {
      yield picture.subarray(0, picture.length / 2);
      await go.promise;
      yield picture.subarray(picture.length / 2);
    } finally {
      over.resolve();
    }
  }
  provider = scriptedProvider(() => ({
    images: [{ data: { as: "bytes", open: halves } }],
    meta: () => ({}),
  }));
  host = await startHost({
    providers: [provider],
    options,
    before: (app) =>
      app.use((req, res, next) => {
        res.once("close", () => closed.resolve());
        if (req.headers["x-stainless-retry-count"] === "1") asked.resolve();
        next();
      }),
  });
}

/** Sends the request and breaks the connection when a part of the picture has come. */
async function breakInTheMiddle({
  headers = [],
  body = BODY,
}: {
  readonly headers?: readonly string[];
  readonly body?: object | string;
} = {}): Promise<string> {
  const client = await rawClient(host.url);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  client.socket.write(postHead(`Content-Length: ${text.length}`, ...headers) + text);
  const begun = await client.until(/"b64_json":"[^"]{100000}/);
  client.socket.resetAndDestroy();
  return /x-image-job-id: (\S+)/i.exec(begun)?.[1] ?? "";
}

const fullStore = (): ImageStore => ({
  ...watchedStore(memoryStore()).store,
  reserve: () => Promise.reject(new StoreFullError("full")),
});

/** What was begun has got as far as it gets. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const retry = async () => (await jsonOf(await generate(host, BODY, RETRY))).data[0].b64_json;

describe("a connection that breaks in the middle of a picture", () => {
  it.each([
    ["goes out", () => large],
    ["is still to come from the provider", () => small],
  ])("loses nothing of one that %s when a retry comes for it: it is paid once", async (_which, its) => {
    picture = its();
    await start();
    await breakInTheMiddle({ headers: [FIRST] });
    await closed.promise;
    await settled();
    const again = retry();
    await asked.promise;
    await settled();
    expect(provider.calls).toHaveLength(1);
    go.resolve();
    expect(Buffer.from(await again, "base64").equals(picture)).toBe(true);
    expect(provider.calls).toHaveLength(1);
  });

  it("leaves a job that has ended by the time of the retry to it as well", async () => {
    await start();
    await breakInTheMiddle({ headers: [FIRST] });
    go.resolve();
    await over.promise;
    expect(Buffer.from(await retry(), "base64").equals(picture)).toBe(true);
    expect(provider.calls).toHaveLength(1);
  });

  it("loses nothing of the pictures that come after it, though the store is full", async () => {
    await start({ store: fullStore() });
    async function* two() {
      yield bytesOut(small);
      await go.promise;
      yield bytesOut(small);
    }
    provider.script = () => ({ images: two(), meta: () => ({}) });
    const body = { ...PROMPT, n: 2, response_format: "b64_json" };
    await breakInTheMiddle({ headers: [FIRST], body });
    await closed.promise;
    await settled();
    const again = generate(host, body, RETRY);
    await asked.promise;
    await settled();
    go.resolve();
    const { data } = await jsonOf(await again);
    expect(data).toHaveLength(2);
    expect(provider.calls).toHaveLength(1);
  });

  it("leaves the job to the next retry when the store breaks the answer off", async () => {
    const inner = memoryStore();
    let breaks = 1;
    const store: ImageStore = {
      ...watchedStore(inner).store,
      async read(key, options) {
        const found = await inner.read(key, options);
        if (found === undefined || breaks-- <= 0) return found;
        async function* half() {
          yield large.subarray(0, large.length / 2);
          throw new Error("the disk is gone");
        }
        return { ...found, body: half() };
      },
    };
    await start({ store, keepResults: true });
    await breakInTheMiddle({ headers: [FIRST] });
    go.resolve();
    await over.promise;
    await expect(retry()).rejects.toThrow("terminated");
    const { data } = await jsonOf(await generate(host, BODY, { "x-stainless-retry-count": "2" }));
    expect(Buffer.from(data[0].b64_json, "base64").equals(picture)).toBe(true);
    expect(provider.calls).toHaveLength(1);
  });

  it("may break again: the next retry gets it", async () => {
    await start();
    await breakInTheMiddle({ headers: [FIRST] });
    go.resolve();
    await over.promise;
    await breakInTheMiddle({ headers: ["x-stainless-retry-count: 1"] });
    const { data } = await jsonOf(await generate(host, BODY, { "x-stainless-retry-count": "2" }));
    expect(Buffer.from(data[0].b64_json, "base64").equals(picture)).toBe(true);
    expect(provider.calls).toHaveLength(1);
  });

  it.each<[string, string[], HostSetup["options"]]>([
    ["of a caller that does not say that it comes again", [], {}],
    ["where retries are requests like any other", [FIRST], { attachRetries: false }],
  ])("ends the job %s", async (_which, headers, options) => {
    await start(options);
    const id = await breakInTheMiddle({ headers });
    go.resolve();
    await over.promise;
    const { status } = await jsonOf(
      await fetch(`${host.url}/v1/images/jobs/${id}`, {
        headers: { authorization: "Bearer sk-ann", prefer: "wait=10" },
      }),
    );
    expect(status).toBe("cancelled");
  });
});

it("ends when its job is cancelled, though the provider heeds no signal", async () => {
  await start();
  const client = await rawClient(host.url);
  client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY);
  const begun = await client.until(/"b64_json":"[^"]{100000}/);
  const id = /x-image-job-id: (\S+)/i.exec(begun)?.[1];
  await fetch(`${host.url}/v1/images/jobs/${id}/cancel`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann" },
  });
  await client.over();
  client.socket.destroy();
  go.resolve();
});

it("ends when the first of several calls breaks off in its middle", async () => {
  const others = signalled();
  const scripted = scriptedProvider(
    async () => {
      if (scripted.calls.length > 1) {
        await others.promise;
        return { images: [bytesOut(small)], meta: () => ({}) };
      }
      async function* half() {
        yield large.subarray(0, large.length / 2);
        setImmediate(() => others.resolve());
        throw new ProviderError("unavailable", "gone", { started: "yes" });
      }
      return { images: [{ data: { as: "bytes", open: half } }], meta: () => ({}) };
    },
    { limits: { n: 1, concurrent: 3 } },
  );
  host = await startHost({ providers: [scripted] });
  const answer = await generate(host, { ...PROMPT, n: 3, response_format: "b64_json" });
  await expect(answer.text()).rejects.toThrow("terminated");
  const id = answer.headers.get("x-image-job-id");
  const job = await fetch(`${host.url}/v1/images/jobs/${id}`, {
    headers: { authorization: "Bearer sk-ann", prefer: "wait=10" },
  });
  expect(await jsonOf(job)).toMatchObject({ status: "completed", images: [{ index: 1 }, { index: 2 }] });
});

it("leaves nothing of pictures that had to wait for their turn, once their caller has them", async () => {
  const { store, remains } = watchedStore(memoryStore());
  const second = signalled();
  const scripted = scriptedProvider(
    async () => {
      const place = scripted.calls.length - 1;
      if (place === 0) await second.promise;
      else setImmediate(() => second.resolve());
      return { images: [bytesOut(small)], meta: () => ({}) };
    },
    { limits: { n: 1, concurrent: 2 } },
  );
  host = await startHost({ providers: [scripted], options: { store } });
  const { data } = await jsonOf(await generate(host, { ...PROMPT, n: 2, response_format: "b64_json" }));
  expect(data).toHaveLength(2);
  await settled();
  expect(await remains()).toEqual([]);
});

describe("a picture that is kept for a retry only", () => {
  it("lies in memory, and no longer than until its caller has the answer", async () => {
    const { store, remains } = watchedStore(memoryStore());
    await start({ store });
    go.resolve();
    for (let round = 0; round < 6; round++) {
      const answer = await generate(host, BODY, { "x-stainless-retry-count": "0" });
      const { data } = await jsonOf(answer);
      expect(Buffer.from(data[0].b64_json, "base64").equals(picture)).toBe(true);
      // Of those before nothing has filled the memory.
      expect(await remains()).toEqual([]);
      const id = answer.headers.get("x-image-job-id");
      const job = await fetch(`${host.url}/v1/images/jobs/${id}`, {
        headers: { authorization: "Bearer sk-ann" },
      });
      expect(await jsonOf(job)).toMatchObject({ status: "completed", error: { code: "result_expired" } });
    }
  });

  it("is given up without any room for it: the answer comes all the same", async () => {
    await start({ store: fullStore() });
    const broken: Promise<string>[] = [];
    // More than there is room for in memory.
    for (let index = 0; index < 4; index++) broken.push(breakInTheMiddle({ headers: [FIRST] }));
    await Promise.all(broken);
    go.resolve();
    const { data } = await jsonOf(await generate(host, BODY, { "x-stainless-retry-count": "0" }));
    expect(Buffer.from(data[0].b64_json, "base64").equals(picture)).toBe(true);
  });
});
