import { type JsonObject, textMember } from "../../internal/json-shape";
import { mask } from "../../internal/mask";
import type { RunResult } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { endOf, type Look } from "../hosted/polling";
import { stepsIn } from "../hosted/step-log";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { unreadable } from "../upstream/json-exchange";

/** What is needed to read a prediction. */
export interface Reading {
  /** Of one that succeeded. @throws ProviderError */
  pictures(): RunResult;
  /** Epoch milliseconds: what ends after that was ended by our own time limit. */
  readonly deadline: number;
  readonly secrets: readonly string[];
  /** When Replicate wants to be asked again. */
  readonly waitMs: number | undefined;
}

/**
 * What a prediction's state means. `starting` covers a queue and a machine that boots.
 *
 * @throws ProviderError `protocol` for a state that the documentation does not know
 * @see https://replicate.com/docs/topics/predictions/lifecycle
 */
export function lookAt(prediction: JsonObject, { pictures, deadline, secrets, waitMs }: Reading): Look {
  switch (textMember(prediction, "status")) {
    case "starting":
      return { progress: { phase: "loading" }, waitMs };
    case "processing":
      return { progress: { phase: "sampling", ...stepsIn(textMember(prediction, "logs") ?? "") }, waitMs };
    case "succeeded":
      return endOf(pictures);
    case "failed":
      return { end: failed(textMember(prediction, "error") ?? "", secrets) };
    case "canceled":
      return { end: stopped(deadline) };
    case "aborted":
      // It never ran, and is not billed.
      return { end: new ProviderError("timeout", FAULT_MESSAGES.timeout, { started: "no" }) };
    default:
      throw unreadable();
  }
}

/** By our own time limit, or by somebody who has the token. */
const stopped = (deadline: number): ProviderError =>
  Date.now() < deadline
    ? new ProviderError("cancelled", "the work was cancelled at the upstream", { started: "yes" })
    : new ProviderError("timeout", FAULT_MESSAGES.timeout, { started: "yes" });

/** The models' own words: `E005` is the service's filter. */
const WITHHELD =
  /\bNSFW\b|\bE005\b|\bflagged\b|\bsensitive content\b|\b(?:safety|content) (?:filter|polic|checker|system)/i;
const OUT_OF_MEMORY = /\bout of memory\b|OutOfMemory/i;
const INTERRUPTED = /\binterrupted\b|\bcode: PA\b/i;

/** Models fail in words of their own, which are for the log: they hold paths and addresses. */
function failed(error: string, secrets: readonly string[]): ProviderError {
  const cause = mask(error, secrets);
  if (WITHHELD.test(error)) {
    return new ProviderError("content_policy", FAULT_MESSAGES.content_policy, { started: "yes", cause });
  }
  if (OUT_OF_MEMORY.test(error)) {
    return new ProviderError("overloaded", "the upstream ran out of memory", { started: "yes", cause });
  }
  const fault = INTERRUPTED.test(error) ? "unavailable" : "internal";
  return new ProviderError(fault, "the model failed at the work", { started: "yes", cause });
}
