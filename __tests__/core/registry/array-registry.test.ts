import { contextClient } from "../../../lib/core/context-client";
import { arrayRegistry } from "../../../lib/core/registry/array-registry";
import type { ModelOptions } from "../../../lib/core/registry/model-options";
import type { ImageProvider, ModelCard, Op, Principal } from "../../../lib/ports";
import { noHttp, recordingLog, refusalOf } from "../bench";

const principal = { id: "ann" };

function bench(...providers: readonly ImageProvider[]) {
  return benchWith({}, ...providers);
}

function benchWith(
  options: { readonly models?: ModelOptions; readonly random?: () => number },
  ...providers: readonly ImageProvider[]
) {
  const { log, lines } = recordingLog();
  let now = 0;
  const registry = arrayRegistry({
    ...options,
    providers,
    probe: (signal) => ({ signal, http: contextClient(noHttp, signal), log }),
    clock: () => now,
    log,
  });
  const signal = new AbortController().signal;
  return {
    lines,
    pass: (ms: number) => {
      now += ms;
    },
    candidates: async (model: string, op: Op = "generate", who: Principal = principal) =>
      (await registry.candidates({ model, op, principal: who, signal })).map(
        ({ provider, card }) => `${provider.id}/${card.id}`,
      ),
    cards: async (model: string) =>
      (await registry.candidates({ model, op: "generate", principal, signal })).map(({ card }) => card),
    list: async (who: Principal = principal) => registry.list({ principal: who, signal }),
  };
}

const provider = (id: string, models: ImageProvider["models"]) => {
  const counted = jest.fn(models);
  const run = () => Promise.reject(new Error("not called here"));
  return { id, models: counted, run } satisfies ImageProvider;
};

const fixed = (id: string, ...cards: ModelCard[]) => provider(id, () => cards);
const never = () => new Promise<never>(() => {});
const settled = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => {
  jest.useRealTimers();
});

describe("arrayRegistry", () => {
  it("gives the candidates in the order of the array", async () => {
    const registry = bench(fixed("one", { id: "m" }), fixed("two", { id: "x" }), fixed("three", { id: "m" }));
    expect(await registry.candidates("m")).toEqual(["one/m", "three/m"]);
  });

  it("knows aliases, and compares ids exactly", async () => {
    const registry = bench(fixed("one", { id: "m", aliases: ["n"] }), fixed("two", { id: "n" }));
    expect(await registry.candidates("n")).toEqual(["one/m", "two/n"]);
    for (const id of ["M", " m", "", "__proto__", "constructor", "toString"]) {
      expect(await registry.candidates(id)).toEqual([]);
    }
  });

  it("serves a model whose id is __proto__ like any other", async () => {
    const registry = bench(fixed("one", { id: "__proto__" }));
    expect(await registry.candidates("__proto__")).toEqual(["one/__proto__"]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(["__proto__"]);
  });

  it("asks for generation only where a card says no more", async () => {
    const registry = bench(fixed("one", { id: "m" }), fixed("two", { id: "m", ops: ["edit"] }));
    expect(await registry.candidates("m")).toEqual(["one/m"]);
    expect(await registry.candidates("m", "edit")).toEqual(["two/m"]);
    expect(await registry.candidates("m", "variation")).toEqual([]);
  });

  it("lists each model once, owned by its first provider, with the aliases of all and what any of them serves", async () => {
    const registry = bench(
      fixed("one", { id: "m", aliases: ["a"] }, { id: "n", ownedBy: "somebody" }),
      fixed("two", { id: "m", aliases: ["b", "a"], ownedBy: "two", ops: ["edit"] }),
    );
    expect(await registry.list()).toEqual([
      { id: "m", aliases: ["a", "b"], ownedBy: "one", ops: ["generate", "edit"] },
      { id: "n", ownedBy: "somebody", ops: ["generate"] },
    ]);
    expect(await registry.candidates("b")).toEqual([]);
    expect(await registry.candidates("b", "edit")).toEqual(["two/m"]);
  });

  it("asks a provider once a minute", async () => {
    const one = fixed("one", { id: "m" });
    const registry = bench(one);
    await registry.candidates("m");
    registry.pass(59_999);
    await registry.list();
    expect(one.models).toHaveBeenCalledTimes(1);
    registry.pass(1);
    await registry.candidates("m");
    expect(one.models).toHaveBeenCalledTimes(2);
  });

  it("asks a provider once for any number of requests at the same time", async () => {
    let tell = (_cards: readonly ModelCard[]) => {};
    const one = provider("one", () => new Promise((resolve) => (tell = resolve)));
    const registry = bench(one);
    const asked = [registry.candidates("m"), registry.candidates("m"), registry.list()];
    tell([{ id: "m" }]);
    await Promise.all(asked);
    expect(one.models).toHaveBeenCalledTimes(1);
  });

  it("keeps the last known cards of a provider that fails", async () => {
    let isBroken = false;
    const one = provider("one", () => {
      if (isBroken) throw new Error("secret address");
      return [{ id: "m" }];
    });
    const registry = bench(one);
    await registry.candidates("m");
    isBroken = true;
    registry.pass(60_000);
    expect(await registry.candidates("m")).toEqual(["one/m"]);
    expect(registry.lines).toMatchObject([{ level: "warn", about: { provider: "one" } }]);
    expect(JSON.stringify(registry.lines)).not.toContain("secret");
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["gives no list", () => JSON.parse("null")],
  ])("serves the others when a provider %s", async (_name, models) => {
    const registry = bench(provider("dead", models), fixed("two", { id: "m" }));
    expect(await registry.candidates("m")).toEqual(["two/m"]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(["m"]);
  });

  it("says 503, not 404, while a provider has never told its models", async () => {
    const registry = bench(
      provider("dead", () => Promise.reject(new Error("down"))),
      fixed("two", { id: "m" }),
    );
    expect(await refusalOf(registry.candidates("other"))).toMatchObject({
      code: "provider_unavailable",
      retryAfterSeconds: 5,
    });
  });

  it("waits for a silent provider once, for less than a request waits for its registry, and then never", async () => {
    jest.useFakeTimers();
    const silent = provider("silent", never);
    const registry = bench(silent, fixed("two", { id: "m" }));
    const first = registry.candidates("m");
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await first).toEqual(["two/m"]);
    expect(await registry.candidates("m")).toEqual(["two/m"]);
    expect(silent.models).toHaveBeenCalledTimes(1);
    registry.pass(5_000);
    expect(await registry.candidates("m")).toEqual(["two/m"]);
    expect(silent.models).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("serves a provider again when it has come back", async () => {
    let isBroken = true;
    const one = provider("one", async () => {
      if (isBroken) throw new Error("down");
      return [{ id: "m" }];
    });
    const registry = bench(one);
    expect((await refusalOf(registry.candidates("m"))).code).toBe("provider_unavailable");
    isBroken = false;
    registry.pass(4_999);
    await refusalOf(registry.candidates("m"));
    expect(one.models).toHaveBeenCalledTimes(1);
    registry.pass(1);
    await refusalOf(registry.candidates("m"));
    await settled();
    expect(await registry.candidates("m")).toEqual(["one/m"]);
    expect(one.models).toHaveBeenCalledTimes(2);
  });

  it("keeps its own copy of a provider's list", async () => {
    const cards: ModelCard[] = [{ id: "m" }];
    const registry = bench(provider("one", () => cards));
    await registry.list();
    cards.length = 0;
    expect(await registry.candidates("m")).toEqual(["one/m"]);
  });
});

describe("aliases", () => {
  const one = () => fixed("one", { id: "sdxl", aliases: ["xl"] });
  const two = () => fixed("two", { id: "sdxl" }, { id: "dall-e-3", aliases: ["dalle"] });

  it("lead to whatever serves the model, with a card that answers to them", async () => {
    const registry = benchWith({ models: { aliases: { house: "sdxl" } } }, one(), two());
    expect(await registry.candidates("house")).toEqual(["one/sdxl", "two/sdxl"]);
    expect(await registry.cards("house")).toMatchObject([
      { aliases: ["xl", "house"] },
      { aliases: ["house"] },
    ]);
    expect(await registry.candidates("sdxl")).toEqual(["one/sdxl", "two/sdxl"]);
  });

  it("win over a provider's own id, which is then no longer shown", async () => {
    const registry = benchWith({ models: { aliases: { "dall-e-3": "sdxl" } } }, one(), two());
    expect(await registry.candidates("dall-e-3")).toEqual(["one/sdxl", "two/sdxl"]);
    expect(await registry.candidates("dalle")).toEqual([]);
    expect(await registry.list()).toEqual([
      { id: "sdxl", aliases: ["xl", "dall-e-3"], ownedBy: "one", ops: ["generate"] },
    ]);
  });

  it("win over the aliases of cards", async () => {
    const registry = benchWith({ models: { aliases: { xl: "dall-e-3" } } }, one(), two());
    expect(await registry.candidates("xl")).toEqual(["two/dall-e-3"]);
    expect(await registry.cards("sdxl")).toMatchObject([{ aliases: [] }, {}]);
  });

  it("may stand for an alias of a card, and for a model that nobody has", async () => {
    const registry = benchWith({ models: { aliases: { short: "xl", lost: "gone" } } }, one());
    expect(await registry.candidates("short")).toEqual(["one/sdxl"]);
    expect(await registry.candidates("lost")).toEqual([]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(["sdxl"]);
  });
});

describe("routes", () => {
  const gpu = (id: string) =>
    fixed(id, { id: "sdxl", upstream: "sdxl.safetensors", limits: { n: 4 } }, { id: "flux" });

  it("put other providers, or another order, in place of the array's", async () => {
    const models = { routes: { sdxl: ["gpu-2", "gpu-1"] } };
    const registry = benchWith({ models }, gpu("gpu-1"), gpu("gpu-2"), gpu("gpu-3"));
    expect(await registry.candidates("sdxl")).toEqual(["gpu-2/sdxl", "gpu-1/sdxl"]);
    expect(await registry.candidates("flux")).toEqual(["gpu-1/flux", "gpu-2/flux", "gpu-3/flux"]);
  });

  it("make a model of their own out of models that are named otherwise", async () => {
    const models = {
      routes: { house: ["cloud", { provider: "gpu", model: "sdxl" }, { provider: "cloud", model: "pro" }] },
      aliases: { best: "house" },
    };
    const registry = benchWith({ models }, gpu("gpu"), fixed("cloud", { id: "flux-pro", aliases: ["pro"] }));
    expect(await registry.cards("best")).toEqual([
      { id: "house", upstream: "sdxl.safetensors", limits: { n: 4 }, aliases: ["best"] },
      { id: "house", upstream: "flux-pro", aliases: ["best"] },
    ]);
    expect((await registry.list()).map(({ id, aliases }) => [id, aliases])).toEqual([
      ["sdxl", undefined],
      ["flux", undefined],
      ["flux-pro", ["pro"]],
      ["house", ["best"]],
    ]);
  });

  it("draw neighbours with weights anew each time, in proportion, and keep the others in their place", async () => {
    const models = {
      routes: {
        sdxl: [
          "first",
          { provider: "heavy", weight: 3 },
          { provider: "light", weight: 1 },
          { provider: "last", model: "sdxl" },
        ],
      },
    };
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const registry = benchWith({ models, random }, gpu("first"), gpu("heavy"), gpu("light"), gpu("last"));
    let heavyFirst = 0;
    for (let request = 0; request < 1_000; request += 1) {
      const [first, second, third, last] = await registry.candidates("sdxl");
      expect([first, last]).toEqual(["first/sdxl", "last/sdxl"]);
      expect([second, third].sort()).toEqual(["heavy/sdxl", "light/sdxl"]);
      if (second === "heavy/sdxl") heavyFirst += 1;
    }
    expect(heavyFirst).toBeGreaterThan(700);
    expect(heavyFirst).toBeLessThan(800);
  });

  it("are incomplete only while one of their own providers is silent", async () => {
    const dead = provider("dead", () => Promise.reject(new Error("down")));
    const routes = { mine: [{ provider: "gpu", model: "gone" }], theirs: [{ provider: "dead", model: "m" }] };
    const registry = benchWith({ models: { routes, aliases: { ours: "theirs" } } }, gpu("gpu"), dead);
    expect(await registry.candidates("mine")).toEqual([]);
    for (const name of ["theirs", "ours"]) {
      expect((await refusalOf(registry.candidates(name))).code).toBe("provider_unavailable");
    }
  });
});

describe("visibility", () => {
  const BOB = { id: "bob" };
  const visible: NonNullable<ModelOptions["visible"]> = (card, { provider: by, principal: who }) =>
    who.id === "ann" || (card.id !== "secret" && by !== "cloud");

  it("hides a model, or one of its providers, from a principal everywhere", async () => {
    const registry = benchWith(
      { models: { visible } },
      fixed("gpu", { id: "m" }, { id: "secret" }),
      fixed("cloud", { id: "m" }, { id: "pro" }),
    );
    expect(await registry.candidates("m")).toEqual(["gpu/m", "cloud/m"]);
    expect(await registry.candidates("m", "generate", BOB)).toEqual(["gpu/m"]);
    expect(await registry.candidates("secret", "generate", BOB)).toEqual([]);
    expect(await registry.candidates("pro", "generate", BOB)).toEqual([]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(["m", "secret", "pro"]);
    expect((await registry.list(BOB)).map(({ id }) => id)).toEqual(["m"]);
  });

  it("leaves no rejection to nobody where it throws for another model", async () => {
    const rejection = Promise.reject(new Error("later"));
    rejection.catch(() => {});
    const then = jest.spyOn(rejection, "then");
    const verdicts: (() => Promise<boolean>)[] = [
      () => rejection,
      () => {
        throw new Error("now");
      },
    ];
    const failing = () => verdicts.shift()?.() ?? true;
    const offers = [fixed("gpu", { id: "m" }), fixed("cloud", { id: "m" })];
    await expect(benchWith({ models: { visible: failing } }, ...offers).candidates("m")).rejects.toThrow(
      "now",
    );
    expect(then).toHaveBeenCalled();
  });

  it("counts only a true answer as leave", async () => {
    const answers: unknown[] = [undefined, "yes", 1, Promise.resolve(true)];
    for (const [index, answer] of answers.entries()) {
      const models: ModelOptions = JSON.parse("{}");
      Reflect.set(models, "visible", () => answer);
      const registry = benchWith({ models }, fixed("gpu", { id: "m" }));
      expect(await registry.candidates("m")).toEqual(index === 3 ? ["gpu/m"] : []);
    }
  });

  it("does not tell a hidden model from an unknown one while a provider is silent", async () => {
    const dead = provider("dead", () => Promise.reject(new Error("down")));
    const registry = benchWith({ models: { visible } }, fixed("gpu", { id: "secret" }), dead);
    for (const name of ["secret", "unknown"]) {
      expect((await refusalOf(registry.candidates(name, "generate", BOB))).code).toBe("provider_unavailable");
    }
  });
});

it("keeps lists as long as it is told", async () => {
  const one = fixed("one", { id: "m" });
  const registry = benchWith({ models: { cacheSeconds: 5 } }, one);
  await registry.candidates("m");
  registry.pass(4_999);
  await registry.candidates("m");
  expect(one.models).toHaveBeenCalledTimes(1);
  registry.pass(1);
  await registry.candidates("m");
  expect(one.models).toHaveBeenCalledTimes(2);
});
