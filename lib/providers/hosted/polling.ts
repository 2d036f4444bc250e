import { setTimeout as pause } from "node:timers/promises";

import { DeadlineError, withDeadline } from "../../internal/deadline";
import { HttpError, type HttpFailure } from "../../ports/http-client";
import { HTTP_FAULTS } from "../../ports/http-fault";
import type { Progress, RunResult } from "../../ports/provider";
import { type Fault, ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../upstream/fault-messages";

/** What a look at work under way has found. */
export type Look =
  /** It has ended, well or not. */
  | { readonly end: RunResult | ProviderError }
  /** It goes on; `waitMs`: the upstream asks not to be asked before. */
  | { readonly progress: Progress; readonly waitMs?: number | undefined };

/** An end that is known once what has come is read; what is wrong with it is wrong for good. */
export function endOf(read: () => RunResult): Look {
  try {
    return { end: read() };
  } catch (error) {
    if (ProviderError.is(error)) return { end: error };
    throw error;
  }
}

export interface Polling {
  readonly signal: AbortSignal;
  /** The first wait; each further one is a quarter longer, up to five times the first. */
  readonly pollMs: number;
  /** Of one look: an upstream that says nothing is asked again. @default 30000 */
  readonly lookMs?: number;
  /** For looks that fail in passing: what is made is paid for. @default 60 times `pollMs` */
  readonly patienceMs?: number;
  report(progress: Progress): void;
}

const GROWTH = 1.25;
const LONGEST = 5;
const PATIENCE = 60;

/**
 * Looks until the work has ended.
 *
 * @param look what it rejects with in passing (a connection, 429, 5xx) is no end, anything else is; 404 and 410: nobody knows it
 * @throws ProviderError with `started: "yes"`; the signal's reason
 */
export async function polled(
  look: (signal: AbortSignal) => Promise<Look>,
  { signal, pollMs, lookMs = 30_000, patienceMs = PATIENCE * pollMs, report }: Polling,
): Promise<RunResult | ProviderError> {
  let wait = pollMs;
  let giveUpAt: number | undefined;
  for (;;) {
    let asked = 0;
    signal.throwIfAborted();
    try {
      const seen = await withDeadline(lookMs, signal, look);
      signal.throwIfAborted();
      if ("end" in seen) return seen.end;
      giveUpAt = undefined;
      asked = seen.waitMs ?? 0;
      report(seen.progress);
    } catch (error) {
      signal.throwIfAborted();
      if (isGone(error)) return lost();
      giveUpAt ??= performance.now() + patienceMs;
      if (!isPassing(error) || performance.now() > giveUpAt) throw begun(error);
      asked = ProviderError.is(error) ? (error.info.retryAfterMs ?? 0) : 0;
      // Waiting as long as the upstream asked for does not count against the time to give up.
      giveUpAt += asked;
    }
    await pause(Math.max(wait, asked), undefined, { signal });
    wait = Math.min(wait * GROWTH, pollMs * LONGEST);
  }
}

const PASSING_FAULTS: ReadonlySet<Fault> = new Set(["rate_limit", "overloaded", "unavailable", "timeout"]);
const PASSING_FAILURES: ReadonlySet<HttpFailure> = new Set([
  "dns",
  "refused",
  "connect_timeout",
  "write_timeout",
  "first_byte_timeout",
  "idle_timeout",
  "total_timeout",
  "reset",
  "truncated",
]);

function isPassing(error: unknown): boolean {
  if (error instanceof DeadlineError) return true;
  if (ProviderError.is(error)) return PASSING_FAULTS.has(error.fault);
  return HttpError.is(error) && PASSING_FAILURES.has(error.failure);
}

const isGone = (error: unknown): boolean =>
  ProviderError.is(error) && (error.info.status === 404 || error.info.status === 410);

const lost = (): ProviderError =>
  new ProviderError("unavailable", "the upstream no longer knows the work", { started: "yes" });

/** Whatever goes wrong with looking after work, the work has begun. */
export function begun(error: unknown): unknown {
  if (ProviderError.is(error)) {
    return new ProviderError(error.fault, error.message, { ...error.info, started: "yes" });
  }
  if (error instanceof DeadlineError) {
    return new ProviderError("timeout", FAULT_MESSAGES.timeout, { started: "yes", cause: error });
  }
  if (!HttpError.is(error)) return error;
  return new ProviderError(HTTP_FAULTS[error.failure], error.message, { started: "yes", cause: error });
}
