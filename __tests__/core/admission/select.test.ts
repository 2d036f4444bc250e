import { askRegistry, findCandidates, select } from "../../../lib/core/admission/select";
import { GatewayError, type ProviderRegistry } from "../../../lib/ports";
import { scriptedProvider } from "../../support/scripted-provider";
import { candidate, recordingLog, refusalOf, request } from "../bench";

const RULES = { strict: false, promptChars: undefined };
const one = scriptedProvider(undefined, {}, "one");
const two = scriptedProvider(undefined, {}, "two");

const query = (signal = new AbortController().signal) =>
  ({ model: "test-model", op: "generate", principal: { id: "ann" }, signal }) as const;

const registry = (candidates: ProviderRegistry["candidates"]): ProviderRegistry => ({
  candidates,
  list: () => [],
});

afterEach(() => {
  jest.useRealTimers();
});

describe("findCandidates", () => {
  it("asks the registry for model, op and principal, and keeps its order", async () => {
    const candidates = [candidate(one), candidate(two)];
    const ask = jest.fn<typeof candidates, Parameters<ProviderRegistry["candidates"]>>(() => candidates);
    const { log } = recordingLog();
    expect(await findCandidates(registry(ask), query(), log)).toEqual(candidates);
    expect(ask.mock.calls[0]?.[0]).toMatchObject({
      model: "test-model",
      op: "generate",
      principal: { id: "ann" },
    });
  });

  it("answers 404 with the model's name, shortened, when there are none", async () => {
    const { log } = recordingLog();
    expect(
      await refusalOf(() =>
        findCandidates(
          registry(() => []),
          query(),
          log,
        ),
      ),
    ).toMatchObject({
      code: "model_not_found",
      param: "model",
      message: "The model 'test-model' does not exist or you do not have access to it.",
    });
    const long = { ...query(), model: "x".repeat(256) };
    const refusal = await refusalOf(() =>
      findCandidates(
        registry(() => []),
        long,
        log,
      ),
    );
    expect(refusal.message).toContain(`'${"x".repeat(99)}…'`);
  });

  it.each<[string, ProviderRegistry["candidates"]]>([
    [
      "throws",
      () => {
        throw new Error("mysql://root:secret@db");
      },
    ],
    ["gives nothing", () => JSON.parse("null")],
    ["gives no list", () => JSON.parse("{}")],
  ])("answers 503 when the registry %s", async (_name, candidates) => {
    const { log, lines } = recordingLog();
    expect(await refusalOf(() => findCandidates(registry(candidates), query(), log))).toMatchObject({
      code: "registry_unavailable",
      status: 503,
      retry: true,
    });
    expect(lines).toMatchObject([
      { level: "error", about: { hook: "registry" } },
      { level: "debug", about: { hook: "registry", text: expect.any(String) } },
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  it("answers 503 when the registry is silent for ten seconds", async () => {
    jest.useFakeTimers();
    const { log } = recordingLog();
    const refused = refusalOf(() =>
      findCandidates(
        registry(() => new Promise(() => {})),
        query(),
        log,
      ),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    expect((await refused).code).toBe("registry_unavailable");
    expect(jest.getTimerCount()).toBe(0);
  });

  it("does not blame the registry when the caller has gone", async () => {
    const { log, lines } = recordingLog();
    const gone = new AbortController();
    const refused = refusalOf(() =>
      findCandidates(
        registry(() => new Promise(() => {})),
        query(gone.signal),
        log,
      ),
    );
    gone.abort();
    await refused;
    expect(lines).toEqual([]);
  });

  it("lets an error of ours through", async () => {
    const { log } = recordingLog();
    const error = new GatewayError("provider_unavailable", "later");
    const refused = refusalOf(() =>
      askRegistry(log, new AbortController().signal, () => {
        throw error;
      }),
    );
    expect(await refused).toBe(error);
  });
});

describe("select", () => {
  const strict = candidate(one, { limits: { qualities: ["low"] } });
  const lax = candidate(two);

  it("takes the first candidate whose card accepts the request", () => {
    expect(select([lax, strict], request(), RULES).candidate).toBe(lax);
    expect(select([strict, lax], request({ quality: "high" }), RULES).candidate).toBe(lax);
    expect(select([strict, lax], request({ quality: "low" }), RULES).candidate).toBe(strict);
  });

  it("says what the preferred candidate says when none accepts", async () => {
    const other = candidate(two, { limits: { promptChars: 1 } });
    const refusal = await refusalOf(() => select([strict, other], request({ quality: "high" }), RULES));
    expect(refusal).toMatchObject({ code: "invalid_value", param: "quality" });
  });

  it("gives the verdict of the one it takes", () => {
    const { verdict } = select([candidate(one, { upstream: "theirs" })], request(), RULES);
    expect(verdict.fields.model).toBe("theirs");
  });
});
