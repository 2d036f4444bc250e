import { describeError } from "../core/describe-error";
import type { Logger } from "../ports";
import { GatewayError } from "../ports";

/** From mount to close: starting → ready or failed → closing. */
export interface Lifecycle {
  readonly state: "starting" | "ready" | "failed" | "closing";
  /** Settles when the start has; rejects with what made it fail. */
  ready(): Promise<void>;
  /** Why a request is turned away now. While closing, reading goes on until the work has drained. */
  refusal(isReading: boolean): GatewayError | undefined;
  /** Runs `stop` once; every call gets the same promise. */
  close(stop: () => Promise<void>): Promise<void>;
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

  return {
    get state() {
      return state;
    },
    ready: () => started,
    refusal(isReading) {
      if (state === "ready" || (state === "closing" && isReading)) return undefined;
      if (state === "closing") {
        return new GatewayError("draining", "The server is shutting down. Try again.", {
          retryAfterSeconds: 1,
        });
      }
      return new GatewayError("starting", "The server is starting. Try again shortly.", {
        retryAfterSeconds: 1,
      });
    },
    close(stop) {
      state = "closing";
      closing ??= started.catch(() => {}).then(stop);
      return closing;
    },
  };
}
