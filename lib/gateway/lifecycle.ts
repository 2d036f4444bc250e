import { describeError } from "../core/describe-error";
import { withDeadline } from "../internal/deadline";
import type { Logger } from "../ports";
import { GatewayError } from "../ports";
import { closed, draining } from "../ports/common-errors";

/** From mount to close: starting → ready or failed → closing → closed. */
export interface Lifecycle {
  readonly state: "starting" | "ready" | "failed" | "closing" | "closed";
  /** Settles when the start has; rejects with what made it fail. */
  ready(): Promise<void>;
  /** Why a request is turned away now. While closing, only what begins work is: jobs are read and cancelled until they have drained. */
  refusal(beginsWork: boolean): GatewayError | undefined;
  /** Drains, then releases, once; every call gets the same promise. */
  close(steps: ClosingSteps): Promise<void>;
}

export interface ClosingSteps {
  /** How long a start that is still going on is waited for. */
  readonly startMs: number;
  /** Requests that begin no work are still answered meanwhile. */
  drain(): Promise<void>;
  release(): Promise<void>;
}

export function createLifecycle(start: () => Promise<void>, log: Logger): Lifecycle {
  let state: Lifecycle["state"] = "starting";
  let closing: Promise<void> | undefined;
  const started = start().then(
    () => {
      if (state === "starting") state = "ready";
    },
    (error: unknown) => {
      if (state === "starting") state = "failed";
      log.error(
        describeError(error),
        "the image gateway could not start; requests are answered with 503 'starting'",
      );
      throw error;
    },
  );
  // Reported by ready() and health(), never as an unhandled rejection.
  started.catch(() => {});

  const shutDown = async ({ startMs, drain, release }: ClosingSteps) => {
    state = "closing";
    await withDeadline(startMs, undefined, () => started).catch(() => {});
    await drain();
    state = "closed";
    await release();
  };

  return {
    get state() {
      return state;
    },
    ready: () => started,
    refusal(beginsWork) {
      if (state === "ready" || (state === "closing" && !beginsWork)) return undefined;
      return refusalIn(state);
    },
    close(steps) {
      closing ??= shutDown(steps);
      return closing;
    },
  };
}

function refusalIn(state: Exclude<Lifecycle["state"], "ready">): GatewayError {
  switch (state) {
    case "failed":
      return new GatewayError("starting", "The image service could not start.", { retry: false });
    case "starting":
      return new GatewayError("starting", "The server is starting. Try again shortly.", {
        retryAfterSeconds: 1,
      });
    case "closing":
      return draining();
    case "closed":
      return closed();
  }
}
