import { arrayRegistry } from "../../lib/core/array-registry";
import type { ImageProvider, ModelCard, Op } from "../../lib/ports";
import { noHttp, recordingLog, refusalOf } from "./bench";

const principal = { id: "ann" };

function bench(...providers: readonly ImageProvider[]) {
  const { log, lines } = recordingLog();
  let now = 0;
  const registry = arrayRegistry({
    providers,
    probe: (signal) => ({ signal, http: noHttp, log }),
    clock: () => now,
    log,
  });
  const signal = new AbortController().signal;
  return {
    lines,
    pass: (ms: number) => {
      now += ms;
    },
    candidates: async (model: string, op: Op = "generate") =>
      (await registry.candidates({ model, op, principal, signal })).map(
        ({ provider, card }) => `${provider.id}/${card.id}`,
      ),
    list: async () => registry.list({ principal, signal }),
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

  it("lists each model once, owned by its first provider, with the aliases of all", async () => {
    const registry = bench(
      fixed("one", { id: "m", aliases: ["a"] }, { id: "n", ownedBy: "somebody" }),
      fixed("two", { id: "m", aliases: ["b", "a"], ownedBy: "two" }),
    );
    expect(await registry.list()).toEqual([
      { id: "m", aliases: ["a", "b"], ownedBy: "one" },
      { id: "n", ownedBy: "somebody" },
    ]);
    expect(await registry.candidates("b")).toEqual(["two/m"]);
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
