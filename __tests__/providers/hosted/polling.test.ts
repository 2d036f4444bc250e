import { HttpError } from "../../../lib/ports/http-client";
import type { Progress, RunResult } from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import { type Look, type Polling, polled } from "../../../lib/providers/hosted/polling";
import { providerFailure } from "./context";

const RESULT: RunResult = { images: [], meta: () => ({}) };
const END: Look = { end: RESULT };
const GOING: Look = { progress: { phase: "sampling" } };

const passing = (retryAfterMs?: number) =>
  new ProviderError("rate_limit", "slow down", {
    status: 429,
    started: "no",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** Plays looks one after the other, the last for ever, and keeps when they were. */
function playing(...script: readonly (Look | Error)[]) {
  const at: number[] = [];
  const told: Progress[] = [];
  const controller = new AbortController();
  const look = async (): Promise<Look> => {
    const next = script[Math.min(at.length, script.length - 1)];
    at.push(performance.now());
    if (next === undefined || next instanceof Error) throw next;
    return next;
  };
  const run = (more: Partial<Polling> = {}) =>
    polled(look, {
      signal: controller.signal,
      pollMs: 1,
      patienceMs: 5_000,
      report: (progress) => told.push(progress),
      ...more,
    });
  return { at, told, controller, run };
}

describe("polled", () => {
  it("reports until the work has ended", async () => {
    const { told, at, run } = playing({ progress: { phase: "queued", queuePosition: 2 } }, GOING, GOING, END);
    expect(await run()).toBe(RESULT);
    expect(told.map(({ phase }) => phase)).toEqual(["queued", "sampling", "sampling"]);
    expect(at).toHaveLength(4);
  });

  it("hands on an end that is a failure as it is", async () => {
    const end = new ProviderError("timeout", "late", { started: "no" });
    expect(await playing({ end }).run()).toBe(end);
  });

  it("waits longer from look to look, up to five times the first wait", async () => {
    const waits: number[] = [];
    const { at, run } = playing(...Array.from({ length: 12 }, () => GOING), END);
    await run({ pollMs: 4 });
    for (const [nth, time] of at.entries()) if (nth > 0) waits.push(time - (at[nth - 1] ?? 0));
    // Timers are never early by more than their own grain.
    expect(waits[0]).toBeGreaterThanOrEqual(3);
    expect(waits[11]).toBeGreaterThanOrEqual(19);
  });

  it.each<[string, Look | Error]>([
    ["an answer", { ...GOING, waitMs: 60 }],
    ["a refusal", passing(60)],
  ])("asks no sooner than %s allows", async (_name, first) => {
    const { at, run } = playing(first, END);
    await run();
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(59);
  });

  it.each<[string, Error]>([
    ["a connection that breaks", new HttpError("reset", "maybe", "broken")],
    ["a name that is not known", new HttpError("dns", "no", "unknown")],
    ["an answer cut short", new HttpError("truncated", "maybe", "short")],
    ["429", passing()],
    ["502", new ProviderError("unavailable", "no", { status: 502, started: "maybe" })],
  ])("looks again after %s: what is made is paid for", async (_name, error) => {
    const { run, at } = playing(GOING, error, error, GOING, error, END);
    expect(await run()).toBe(RESULT);
    expect(at).toHaveLength(6);
  });

  it("asks an upstream that says nothing again", async () => {
    let looks = 0;
    const silentAtFirst = (signal: AbortSignal) =>
      new Promise<Look>((resolve, reject) => {
        looks += 1;
        if (looks > 2) resolve(END);
        signal.addEventListener("abort", () => reject(new HttpError("aborted", "maybe", "aborted")));
      });
    const { signal } = new AbortController();
    expect(
      await polled(silentAtFirst, { signal, pollMs: 1, lookMs: 5, patienceMs: 5_000, report() {} }),
    ).toBe(RESULT);
    expect(looks).toBe(3);
  });

  it("ends with a time-out where the upstream never says a word", async () => {
    const silent = () => new Promise<Look>(() => {});
    const { signal } = new AbortController();
    const error = await providerFailure(polled(silent, { signal, pollMs: 1, lookMs: 5, report() {} }));
    expect(error).toMatchObject({ fault: "timeout", info: { started: "yes" } });
  });

  it("loses patience in the end, and says that the work has begun", async () => {
    const { run, at } = playing(GOING, new HttpError("refused", "no", "no connection"));
    const error = await providerFailure(run({ patienceMs: 50 }));
    expect(error).toMatchObject({ fault: "unavailable", message: "no connection", info: { started: "yes" } });
    expect(at.length).toBeGreaterThan(3);
  });

  it("does not lose patience by waiting as long as it is told to", async () => {
    const { run, at } = playing(passing(200), passing(200), passing(200), END);
    expect(await run({ patienceMs: 300 })).toBe(RESULT);
    expect(at).toHaveLength(4);
  });

  it.each<[string, Error, object]>([
    ["a refused key", new ProviderError("auth", "no", { status: 401, started: "no" }), { fault: "auth" }],
    [
      "an unreadable answer",
      new ProviderError("protocol", "what", { started: "yes" }),
      { fault: "protocol" },
    ],
    ["too long an answer", new HttpError("too_large", "maybe", "too long"), { fault: "protocol" }],
    ["broken TLS", new HttpError("tls", "no", "no TLS"), { fault: "misconfigured" }],
  ])("ends at once with %s, which says that the work has begun", async (_name, error, expected) => {
    const { run, at } = playing(GOING, error);
    expect(await providerFailure(run())).toMatchObject({ ...expected, info: { started: "yes" } });
    expect(at).toHaveLength(2);
  });

  it.each([404, 410])("takes %i for work that is lost", async (status) => {
    const { run, at } = playing(new ProviderError("not_found", "no model", { status, started: "no" }));
    expect(await run()).toMatchObject({ fault: "unavailable", info: { started: "yes" } });
    expect(at).toHaveLength(1);
  });

  it("hands on what is no error of an upstream", async () => {
    const own = new TypeError("our own");
    await expect(playing(own).run()).rejects.toBe(own);
  });

  it("ends with its signal, while it waits and before it looks", async () => {
    const reason = new Error("enough");
    const { controller, run, at, told } = playing(GOING);
    const work = run({ pollMs: 60_000 });
    await new Promise(setImmediate);
    controller.abort(reason);
    await expect(work).rejects.toThrow();
    await expect(run()).rejects.toBe(reason);
    expect(at).toHaveLength(1);
    expect(told).toHaveLength(1);
  });
});
