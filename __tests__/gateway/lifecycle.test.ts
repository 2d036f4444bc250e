import { type Health, type ImageProvider, ProviderError } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => void process.off("unhandledRejection", note));
afterEach(async () => {
  jest.useRealTimers();
  await host.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([]);
});

const withHealth = (id: string, health: () => Promise<Health>): ImageProvider =>
  Object.assign(scriptedProvider(undefined, { id }, id), { health });

describe("a start that fails", () => {
  const failing = (error: unknown) => ({
    untilReady: false,
    options: { store: Object.assign(memoryStore(), { ready: () => Promise.reject(error) }) },
  });

  it("is what ready() rejects with and health() says, and 503 to every request", async () => {
    const reason = new Error("no such folder: secret-canary");
    await start(failing(reason));
    await expect(host.images.ready()).rejects.toBe(reason);
    await expect(host.images.ready()).rejects.toBe(reason);
    expect(await host.images.health()).toMatchObject({ status: "failed" });
    const answers = [
      await generate(host, PROMPT),
      await generate(host, PROMPT, { authorization: "" }),
      await fetch(`${host.url}/v1/models`),
      await fetch(`${host.url}/v1/images/files/${"a".repeat(22)}`),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBeNull();
      expect(answer.headers.get("x-should-retry")).toBe("false");
      expect((await jsonOf(answer)).error).toMatchObject({
        code: "starting",
        message: "The image service could not start.",
      });
    }
  });

  it("is logged once, without its words", async () => {
    await start(failing(new Error("secret-canary")));
    await host.images.ready().catch(() => {});
    expect(host.log.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(JSON.stringify(host.log)).not.toContain("canary");
  });

  it("needs nobody who asks for it", async () => {
    await start(failing("not even an Error"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

describe("health()", () => {
  it("tells the state from starting to closed", async () => {
    let begin: () => void = () => {};
    const ready = () =>
      new Promise<void>((resolve) => {
        begin = resolve;
      });
    await start({ untilReady: false, options: { store: Object.assign(memoryStore(), { ready }) } });
    const status = async () => (await host.images.health()).status;
    expect(await status()).toBe("starting");
    begin();
    await host.images.ready();
    expect(await status()).toBe("ready");
    const closing = host.images.close();
    expect(await status()).toBe("closing");
    await closing;
    expect(await status()).toBe("closed");
  });

  it("asks every provider, and counts one that throws or is silent for 5 s as down", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance", "Date"] });
    await start({
      providers: [
        withHealth("well", async () => ({ status: "degraded", queueDepth: 3 })),
        withHealth("throws", () => {
          throw new ProviderError("unavailable", "secret-canary", { started: "no" });
        }),
        withHealth("rejects", () => Promise.reject(new Error("secret-canary"))),
        withHealth("hangs", () => new Promise(() => {})),
        scriptedProvider(),
      ],
    });
    const health = host.images.health();
    await jest.advanceTimersByTimeAsync(5_000);
    const down = { status: "down", reason: expect.any(String) };
    expect(await health).toEqual({
      status: "ready",
      providers: {
        well: { status: "degraded", queueDepth: 3 },
        throws: down,
        rejects: down,
        hangs: down,
        scripted: { status: "up" },
      },
    });
    expect(JSON.stringify(await health)).not.toContain("canary");
  });
});

it("works with a logger that throws", async () => {
  const broken = () => {
    throw new Error("the disk is full");
  };
  const failing = scriptedProvider(() => {
    throw new Error("broken");
  });
  await start({
    providers: [failing],
    options: { logger: { debug: broken, info: broken, warn: broken, error: broken } },
  });
  const answer = await generate(host, PROMPT);
  expect((await jsonOf(answer)).error.code).toBe("upstream_error");
  failing.script = scriptedProvider().script;
  expect((await generate(host, PROMPT)).status).toBe(200);
});

it("tells the models, and one 503 when a host's registry fails", async () => {
  let list: () => Promise<{ id: string }[]> = async () => [{ id: "mine" }];
  await start({ options: { providers: { candidates: () => [], list: () => list() } } });
  const ann = { id: "ann", capabilities: [] };
  expect(await host.images.models(ann)).toEqual([{ id: "mine" }]);
  list = () => Promise.reject(new Error("secret-canary"));
  await expect(host.images.models(ann)).rejects.toMatchObject({ code: "registry_unavailable" });
});

it("lets the sockets of one principal go and keeps those of others", async () => {
  await start();
  const connected = async (token: string) => {
    const socket = host.socket({ token });
    await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
    return socket;
  };
  const [ann, bob] = [await connected("sk-ann"), await connected("sk-bob")];
  const gone = new Promise((resolve) => ann.once("disconnect", resolve));
  host.images.disconnectPrincipal("ann");
  expect(await gone).toBe("io server disconnect");
  expect(bob.connected).toBe(true);
});
