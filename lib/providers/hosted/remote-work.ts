import { DeadlineError, withDeadline } from "../../internal/deadline";
import type { ImageProvider, Progress, RunContext, RunResult, UpstreamRef } from "../../ports/provider";
import { ProviderError, type ProviderErrorInfo } from "../../ports/provider-error";
import type { Background } from "../upstream/background";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import type { Way } from "../upstream/json-exchange";
import { providerError } from "../upstream/transport-fault";
import { type Look, polled } from "./polling";

export type Stopped = Awaited<ReturnType<NonNullable<ImageProvider["cancel"]>>>;

/** One call of an upstream that hands out jobs: they go on without our connection, until they end or are told to. */
export interface RemoteWork {
  /** The name that the upstream gives to it. Called once. */
  submit(way: Way): Promise<UpstreamRef>;
  look(ref: UpstreamRef, way: Way): Promise<Look>;
  stop(ref: UpstreamRef, way: Way): Promise<Stopped>;
}

export interface WorkTools {
  readonly pollMs: number;
  /** What is still done after a call was aborted. */
  readonly background: Background;
}

/** An aborted call is told as cancelled within a second, also when the upstream takes longer to confirm. */
const STOP_WAIT_MS = 500;
const STOP_LIMIT_MS = 4_000;

type Started = ProviderErrorInfo["started"];

/**
 * Submits work, or takes up what was submitted before, and follows it to its end. When the call ends before the work does, the
 * upstream is told to stop.
 *
 * @param known the work that is taken up
 * @throws ProviderError
 */
export async function accomplish(
  work: RemoteWork,
  ctx: RunContext,
  { pollMs, background }: WorkTools,
  known?: UpstreamRef,
): Promise<RunResult> {
  const { http } = ctx;
  // Not on the caller's signal: a request that is cut may have arrived, and then nobody could name what it began.
  const sending = new AbortController();
  let named = known && Promise.resolve(known);
  let started: Started = known ? "yes" : "no";
  let isOver = false;

  const submitted = async (signal: AbortSignal): Promise<UpstreamRef> => {
    ctx.progress({ phase: "queued" });
    signal.throwIfAborted();
    started = "maybe";
    named = work.submit({ http, signal: sending.signal });
    const ref = await named;
    started = "yes";
    signal.throwIfAborted();
    await ctx.submitted(ref);
    return ref;
  };

  try {
    const leftMs = ctx.deadline - Date.now();
    if (leftMs <= 0) throw new DeadlineError();
    return await withDeadline(leftMs, ctx.signal, async (signal) => {
      const ref = known ?? (await submitted(signal));
      const report = (progress: Progress) => ctx.progress(progress);
      const look = (limited: AbortSignal) => work.look(ref, { http, signal: limited });
      const end = await polled(look, { signal, pollMs, report });
      isOver = true;
      if (ProviderError.is(end)) throw end;
      return end;
    });
  } catch (error) {
    if (!isOver && started !== "no") {
      await background.atMost(STOP_WAIT_MS, STOP_LIMIT_MS, async (signal) => {
        signal.addEventListener("abort", () => sending.abort(), { once: true });
        const ref = await named;
        if (ref !== undefined) await work.stop(ref, { http, signal });
      });
    }
    throw failure(error, ctx.signal, started);
  }
}

function failure(error: unknown, signal: AbortSignal, started: Started): ProviderError {
  if (signal.aborted) return new ProviderError("cancelled", FAULT_MESSAGES.cancelled, { started });
  if (error instanceof DeadlineError)
    return new ProviderError("timeout", FAULT_MESSAGES.timeout, { started });
  return providerError(error, signal, started === "yes");
}
