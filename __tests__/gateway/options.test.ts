import {
  createImageRouter,
  type ImageGateway,
  type ImageRouterOptions,
  type JobQueue,
  type Principal,
} from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";

import { LIMITS } from "../../lib/gateway/limits";
import { scriptedProvider } from "../support/scripted-provider";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const good = (): ImageRouterOptions => ({
  authenticate: () => ({ id: "ann" }),
  capabilities: () => true,
  providers: [scriptedProvider()],
  store: memoryStore(),
  logger: silent,
});

/** Hosts without types write anything. */
const made = (options: unknown): ImageGateway<Principal> =>
  Reflect.apply(createImageRouter, undefined, [options]);
const failure = (options: unknown): unknown => {
  try {
    void made(options).close();
  } catch (error) {
    return error;
  }
  return undefined;
};
const message = (change: object): string => {
  const error = failure({ ...good(), ...change });
  expect(error).toBeInstanceOf(TypeError);
  return error instanceof Error ? error.message : "";
};

it.each([undefined, null, 7, "x"])("needs an object, not %p", (options) => {
  const error = failure(options);
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).toContain("it takes an object with the options authenticate, capabilities");
});

it.each([
  ["authenticate", undefined, "is required: a function"],
  ["authenticate", true, "or the literal false for open access"],
  ["authenticate", null, "must be a function"],
  ["authenticate", "key", "must be a function"],
  ["capabilities", undefined, "is required: { has("],
  ["capabilities", null, "must be { has("],
  ["capabilities", {}, "must be { has("],
  ["capabilities", ["images"], "must be { has("],
  ["providers", undefined, "is required: an array of providers"],
  ["providers", null, "is required"],
  ["providers", {}, "or a registry with candidates() and list()"],
  ["providers", { candidates() {} }, "or a registry"],
  ["providers", [], "is empty: give at least one provider"],
  ["providers", [{}], "holds something without a function 'models'"],
  ["providers", [{ models: () => [] }], "holds something without a function 'run'"],
  ["providers", [null], "holds something without a function 'models'"],
  ["providers", { run: () => {}, models: () => [] }, "put the provider into brackets"],
  ["providers", [scriptedProvider(undefined, {}, "Bad Id")], "1 to 64 characters"],
  ["providers", [scriptedProvider(), scriptedProvider()], "two providers with the id 'scripted'"],
  ["store", {}, "must have the methods reserve, stat, read, delete"],
  ["store", "/tmp", "leave it out"],
  ["store", null, "must have the methods"],
  ["jobs", memoryStore(), "must have the methods submit"],
  ["logger", { warn() {} }, "must have the methods debug, info, warn, error"],
  ["namespace", "images", "must begin with a slash"],
  ["namespace", "/", "must begin with a slash"],
  ["namespace", 7, "must begin with a slash"],
  ["publicUrl", "img.example.com", "must be an http or https address"],
  ["publicUrl", "ftp://img.example.com", "must be an http or https address"],
  ["publicUrl", "https://a.test/v1?x=1", "without user and query"],
  ["publicUrl", "https://a.test/v1?", "without user and query"],
  ["publicUrl", "https://a.test/v1#x", "without user and query"],
  ["publicUrl", "https://me@a.test/v1", "without user and query"],
  ["publicUrl", "https://:pass@a.test/v1", "without user and query"],
  ["publicUrl", 7, "must be an http or https address"],
  ["imageHosts", "10.0.0.5", "must be an array of 'host' or 'host:port' names"],
  ["imageHosts", ["http://10.0.0.5"], "must be an array of 'host'"],
  ["imageHosts", [7], "must be an array of 'host'"],
  ["modelsRoute", "no", "must be true or false"],
  ["strict", 1, "must be true or false"],
  ["disconnectGraceMs", -1, "must be a whole number of milliseconds, 0 to 86400000"],
  ["disconnectGraceMs", 2 ** 31, "must be a whole number of milliseconds, 0 to 86400000"],
  ["disconnectGraceMs", 1.5, "must be a whole number"],
  ["disconnectGraceMs", "10", "must be a whole number"],
  ["disconnectGraceMs", Number.NaN, "must be a whole number"],
])("option '%s' cannot be %p", (name, value, remedy) => {
  const text = message({ [name]: value });
  expect(text).toContain(`option '${name}'`);
  expect(text).toContain(remedy);
});

const ROUTES = "models.routes['sdxl']";
it.each([
  ["models.aliases", { aliases: ["a"] }, "must be an object"],
  ["models.aliases", { aliases: "a" }, "must be an object"],
  ["models.aliases['a']", { aliases: { a: "" } }, "must name a model"],
  ["models.aliases['a']", { aliases: { a: "b", b: "c" } }, "stands for 'b', which is an alias itself"],
  ["models.routes", { routes: [] }, "must be an object of arrays"],
  [ROUTES, { routes: { sdxl: [] } }, "must be an array with at least one provider"],
  [ROUTES, { routes: { sdxl: "scripted" } }, "must be an array"],
  [ROUTES, { routes: { sdxl: ["gpu"] } }, "names the provider 'gpu', which is not one of scripted"],
  [ROUTES, { routes: { sdxl: [{ model: "m" }] } }, "names the provider 'undefined'"],
  [ROUTES, { routes: { sdxl: [{ provider: "scripted", model: "" }] } }, "has a 'model'"],
  [ROUTES, { routes: { sdxl: [{ provider: "scripted", weight: 0 }] } }, "has a 'weight'"],
  ["models.visible", { visible: true }, "must be a function"],
  ["models.cacheSeconds", { cacheSeconds: 0.5 }, "must be a whole number of seconds, 1 or more"],
])("option '%s' cannot come from %j", (name, models, remedy) => {
  const text = message({ models });
  expect(text).toContain(`option '${name}' ${remedy}`);
});

it("names unknown members of models, and of a route", () => {
  expect(message({ models: { alias: {} } })).toContain(
    "option 'models.alias' is unknown; did you mean 'aliases'?",
  );
  const routes = { sdxl: [{ provider: "scripted", wieght: 2 }] };
  expect(message({ models: { routes } })).toContain("did you mean 'weight'?");
});

it("takes models for an array of providers only", () => {
  const registry = { candidates: () => [], list: () => [] };
  expect(message({ providers: registry, models: {} })).toContain(
    "option 'models' is for an array of providers",
  );
});

it.each([
  ["links.ttlSeconds", { ttlSeconds: 0 }],
  ["links.ttlSeconds", { ttlSeconds: "60" }],
  ["links.crossOriginResourcePolicy", { crossOriginResourcePolicy: "any" }],
  ["links.keys", { keys: [] }],
  ["links.keys", { keys: "secret" }],
  ["links.keys", { keys: ["0".repeat(32)] }],
  ["links.keys", { keys: [null] }],
  ["links.keys", { keys: [{ id: "a b", secret: "0".repeat(32) }] }],
  ["links.keys", { keys: [{ id: "a", secret: "0".repeat(31) }] }],
  ["links.keys", { keys: [{ id: "a", secret: 7 }] }],
  ["links.keys", { keys: [{ id: "a" }] }],
  [
    "links.keys",
    {
      keys: [
        { id: "a", secret: "0".repeat(32) },
        { id: "a", secret: "1".repeat(32) },
      ],
    },
  ],
])("%s cannot be as in %j, and no secret is in the message", (name, links) => {
  const text = message({ links });
  expect(text).toContain(`option '${name}'`);
  expect(text).not.toContain("0000");
});

it.each(Object.entries(LIMITS))("limits.%s keeps its range", (name, { min, max, default: usual }) => {
  for (const value of [min - 1, max + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "7"]) {
    expect(message({ limits: { [name]: value } })).toBe(
      `express-image-gateway: option 'limits.${name}' must be a whole number from ${min} to ${max}.`,
    );
  }
  // One request has to fit into what one principal may hold.
  const others =
    name === "uploadBytes"
      ? { inputBytesPerPrincipal: LIMITS.inputBytesPerPrincipal.max }
      : { uploadBytes: LIMITS.uploadBytes.min };
  for (const value of [min, max, usual, undefined]) {
    expect(failure({ ...good(), limits: { ...others, [name]: value } })).toBeUndefined();
  }
});

it("refuses limits with which one upload could be too much for ever", () => {
  expect(message({ limits: { uploadBytes: 2_000, inputBytesPerPrincipal: 1_999 } })).toContain(
    "option 'limits.inputBytesPerPrincipal' must be at least limits.uploadBytes (2000), or a large upload could never be accepted",
  );
  expect(
    failure({ ...good(), limits: { uploadBytes: 2_000, inputBytesPerPrincipal: 2_000 } }),
  ).toBeUndefined();
});

it.each([
  [
    { autenticate: 1 },
    "express-image-gateway: option 'autenticate' is unknown; did you mean 'authenticate'?",
  ],
  [{ publicURL: 1 }, "did you mean 'publicUrl'?"],
  [{ provider: 1 }, "did you mean 'providers'?"],
  [{ basePath: 1 }, "option 'basePath' is unknown; known: authenticate, capabilities"],
  [{ links: { ttl: 1 } }, "option 'links.ttl' is unknown; known: keys, ttlSeconds"],
  [{ links: { key: 1 } }, "did you mean 'keys'?"],
  [{ limits: { runningPerPrinciple: 1 } }, "did you mean 'runningPerPrincipal'?"],
  [{ limits: 7 }, "option 'limits' must be an object with"],
  [{ links: "x" }, "option 'links' must be an object with"],
])("says of %j what was meant", (change, text) => {
  expect(message(change)).toContain(text);
});

it("changes nothing of the host's, which may be frozen", async () => {
  const keys = [Object.freeze({ id: "a", secret: "0".repeat(32) })];
  const options = {
    ...good(),
    providers: Object.freeze([Object.freeze(scriptedProvider())]),
    links: Object.freeze({ keys: Object.freeze(keys) }),
    limits: Object.freeze({ bodyBytes: 2048 }),
    imageHosts: Object.freeze(["10.0.0.5:8188", "[fd00::1]:80", "gpu.local"]),
  };
  const gateway = createImageRouter(Object.freeze(options));
  await gateway.ready();
  await gateway.close();
  expect(Object.keys(options)).toHaveLength(8);
});

it("takes a registry object, a class with methods on its prototype included", async () => {
  class Registry {
    readonly cards = [{ id: "mine" }];
    candidates() {
      return [];
    }
    list() {
      return this.cards;
    }
  }
  const gateway = createImageRouter({ ...good(), providers: new Registry() });
  expect(await gateway.models({ id: "ann" })).toEqual([{ id: "mine" }]);
  await gateway.close();
});

describe("what it says once, at mount", () => {
  const said = async (change: object) => {
    const lines: string[] = [];
    const at = (level: string) => (_about: object, text: string) => void lines.push(`${level}: ${text}`);
    const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    const gateway = made({ ...good(), logger, ...change });
    await gateway.ready();
    await gateway.close();
    return lines;
  };

  it("warns that the router is open", async () => {
    expect(await said({ authenticate: false })).toContainEqual(
      expect.stringMatching(/^warn: option 'authenticate' is false/),
    );
  });

  it("says that links end with the process only where pictures may not", async () => {
    const links = { keys: [{ id: "a", secret: "0".repeat(32) }] };
    const about = expect.stringMatching(/^info: option 'links.keys' is not set/);
    expect(await said({})).toEqual([about]);
    expect(await said({ links })).toEqual([]);
    expect(await said({ store: undefined })).toEqual([]);
    const store = Object.assign(memoryStore(), { link: () => "https://bucket.test/a" });
    expect(await said({ store })).toEqual([]);
  });
});

it("does not ask a host's queue or store for anything but what the ports say", () => {
  const names: (keyof JobQueue)[] = [
    "submit",
    "work",
    "get",
    "list",
    "update",
    "settle",
    "nextSeq",
    "cancel",
    "remove",
    "abandon",
    "adopt",
  ];
  const queue = Object.fromEntries(names.map((name) => [name, () => undefined]));
  expect(message({ jobs: queue })).toContain("must have the methods");
  expect(
    failure({ ...good(), jobs: { ...queue, watch: () => () => {}, follow: () => () => {}, close() {} } }),
  ).toBeUndefined();
});
