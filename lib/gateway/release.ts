import { describeError } from "../core/describe-error";
import { withDeadline } from "../internal/deadline";
import type { Logger } from "../ports";

/** One thing of the gateway that has to be let go. */
export interface Part {
  readonly name: string;
  release(): unknown;
  /** Milliseconds. Default 5,000. */
  readonly limitMs?: number;
}

const LIMIT_MS = 5_000;

/** Lets everything go, one after the other; what fails or takes too long is logged and left behind. */
export async function releaseAll(parts: readonly Part[], log: Logger): Promise<void> {
  for (const { name, release, limitMs = LIMIT_MS } of parts) {
    try {
      await withDeadline(limitMs, undefined, () => release());
    } catch (error) {
      log.error({ part: name, ...describeError(error) }, "a part of the image gateway could not be closed");
    }
  }
}
