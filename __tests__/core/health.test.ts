import { contextClient } from "../../lib/core/context-client";
import { probeHealth } from "../../lib/core/health";
import type { ImageProvider, ProbeContext } from "../../lib/ports";
import { scriptedProvider } from "../support/scripted-provider";
import { noHttp, recordingLog } from "./bench";

const { log } = recordingLog();
const probe = (signal: AbortSignal): ProbeContext => ({
  signal,
  http: contextClient(noHttp, signal),
  log,
});
const provider = (id: string, health?: ImageProvider["health"]): ImageProvider => ({
  ...scriptedProvider(undefined, {}, id),
  ...(health === undefined ? {} : { health }),
});

describe("probeHealth", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it("says what each provider says of itself, and 'up' of one that cannot be asked", async () => {
    const degraded = provider("a", async () => ({ status: "degraded", queueDepth: 3 }));
    expect(await probeHealth([degraded, provider("b")], probe)).toEqual({
      a: { status: "degraded", queueDepth: 3 },
      b: { status: "up" },
    });
  });

  it("counts one that fails as down, without its message", async () => {
    const broken = provider("a", () => Promise.reject(new Error("sk-secret")));
    expect(await probeHealth([broken], probe)).toEqual({
      a: { status: "down", reason: "the health check failed" },
    });
  });

  it("counts one that is silent for five seconds as down", async () => {
    jest.useFakeTimers();
    let signal: AbortSignal | undefined;
    const silent = provider("a", (context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    const health = probeHealth([silent, provider("b")], probe);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await health).toMatchObject({ a: { status: "down" }, b: { status: "up" } });
    expect(signal?.aborted).toBe(true);
  });
});
