import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Express } from "express";
import { ProviderError, type RunResult } from "express-image-gateway";
import OpenAI from "openai";
import sharp from "sharp";
import { signalled } from "../support/gate";
import { type HostSetup, startHost, type TestHost } from "../support/host";
import {
  bytesOut,
  picture,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
} from "../support/scripted-provider";
import { outputOf } from "./bench";

/** What the SDKs wait for an answer here, and what a picture takes: the first attempt and one retry are not enough. */
const PATIENCE_MS = 1_000;
const TAKES_MS = 3_000;

let host: TestHost;
let provider: ScriptedProvider;
const torn = signalled();

/** Random pixels do not become smaller. */
const LARGE = { width: 1_000, height: 1_000, channels: 3 } as const;

/** A large picture, the second half of it once the connection of its caller has been broken. */
async function halves(): Promise<RunResult> {
  const raw = randomBytes(LARGE.width * LARGE.height * LARGE.channels);
  const bytes = await sharp(raw, { raw: LARGE }).png().toBuffer();
  async function* open() {
    yield bytes.subarray(0, bytes.length / 2);
    await torn.promise;
    yield bytes.subarray(bytes.length / 2);
  }
  return { images: [{ data: { as: "bytes", open } }], meta: () => ({}) };
}

/** A picture of its own for every call, after a while. */
const slow: Script = async (task, { signal }) => {
  if (task.op === "generate" && task.prompt === "python torn") return halves();
  const seed = provider.calls.length;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, TAKES_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new ProviderError("cancelled", "stopped", { started: "maybe" }));
    });
  });
  return { images: [bytesOut(await picture({ seed }))], meta: () => ({}) };
};

const start = async (script: Script, setup: HostSetup = {}) => {
  provider = scriptedProvider(script);
  host = await startHost({ providers: [provider], ...setup });
};
afterEach(() => host.close());

const client = (options: object = {}) =>
  new OpenAI({
    baseURL: `${host.url}/v1`,
    apiKey: "sk-ann",
    timeout: PATIENCE_MS,
    maxRetries: 2,
    ...options,
  });

const generate = async (prompt: string, by = client()) => {
  const { data } = await by.images.generate({ model: "test-model", prompt, response_format: "b64_json" });
  return data?.[0]?.b64_json;
};

const callsFor = (prompt: string) =>
  provider.calls.filter((task) => task.op === "generate" && task.prompt === prompt).length;

/** Breaks the connection of the first request that wants it when a part of its picture has gone out. */
function tearOnce(app: Express): void {
  app.use((req, res, next) => {
    if (req.headers["x-tear"] === undefined || req.headers["x-stainless-retry-count"] !== "0") return next();
    const { socket } = req;
    const look = setInterval(() => {
      if (socket.bytesWritten > 100_000) socket.resetAndDestroy();
    }, 1);
    res.once("close", () => {
      clearInterval(look);
      torn.resolve();
    });
    next();
  });
}

it("is paid once, whatever an SDK repeats while it waits", async () => {
  await start(slow, { options: { limits: { runningPerPrincipal: 32 } }, before: tearOnce });
  const [one, many, python] = await Promise.all([
    generate("one"),
    Promise.all(Array.from({ length: 4 }, () => generate("many"))),
    outputOf("openai_retries.py", [host.url]),
  ]);
  expect(one).toMatch(/^iVBOR/);
  expect(callsFor("one")).toBe(1);
  expect(new Set(many).size).toBe(4);
  expect(callsFor("many")).toBe(4);

  expect(python["one"]).toMatch(/^iVBOR/);
  expect(callsFor("python one")).toBe(1);
  expect(new Set(Object(python["many"])).size).toBe(4);
  expect(callsFor("python many")).toBe(4);
  expect(python["torn"]).toBeGreaterThan(LARGE.width * LARGE.height * LARGE.channels);
  expect(callsFor("python torn")).toBe(1);
}, 30_000);

it("is paid once when connections break", async () => {
  let breaks = 2;
  await start(slow, {
    before: (app) =>
      app.use((req, _res, next) => {
        const socket: Socket = req.socket;
        if (breaks-- > 0) setTimeout(() => socket.resetAndDestroy(), 500);
        next();
      }),
  });
  expect(await generate("broken", client({ timeout: 10_000 }))).toMatch(/^iVBOR/);
  expect(callsFor("broken")).toBe(1);
}, 20_000);

it("is paid again where the host wants retries to be requests like any other", async () => {
  await start(slow, { options: { attachRetries: false } });
  await expect(generate("again", client({ maxRetries: 1 }))).rejects.toThrow(OpenAI.APIConnectionError);
  expect(callsFor("again")).toBe(2);
}, 20_000);

describe("a storm of failures", () => {
  it.each([
    ["rate_limit", 429],
    ["unavailable", 503],
  ] as const)(
    "%s that began nothing is repeated by the SDK until it is over",
    async (fault, status) => {
      let failures = 2;
      await start((task, context) => {
        if (failures-- > 0) {
          throw new ProviderError(fault, "not now", { started: "no", status, retryAfterMs: 1 });
        }
        return quick(task, context);
      });
      expect(await generate("storm", client({ timeout: 60_000 }))).toMatch(/^iVBOR/);
      expect(callsFor("storm")).toBe(3);
    },
    20_000,
  );

  it.each([
    ["internal", 500],
    ["unavailable", 503],
    ["timeout", 504],
  ] as const)("%s after a beginning is repeated by nobody", async (fault, status) => {
    await start(() => {
      throw new ProviderError(fault, "it broke", { started: "maybe", status });
    });
    await expect(generate("paid", client({ timeout: 60_000 }))).rejects.toThrow(OpenAI.APIError);
    expect(callsFor("paid")).toBe(1);
  });
});

const quick: Script = async () => ({ images: [bytesOut(await picture())], meta: () => ({}) });
