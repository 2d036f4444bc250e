import { defined } from "../../internal/defined";
import { countMember, type JsonObject, listMember, textMember } from "../../internal/json-shape";
import type { Progress } from "../../ports/provider";
import { stepsIn } from "../hosted/step-log";
import { unreadable } from "../upstream/json-exchange";

/**
 * What the status of work tells of it.
 *
 * @returns nothing when the work has ended, well or not
 * @throws ProviderError `protocol` for a state that the documentation does not know
 * @see https://fal.ai/docs/documentation/model-apis/inference/queue
 */
export function progressOf(status: JsonObject): Progress | undefined {
  switch (textMember(status, "status")) {
    case "IN_QUEUE": {
      const queuePosition = countMember(status, "queue_position");
      return defined({ phase: "queued", queuePosition });
    }
    case "IN_PROGRESS":
      return { phase: "sampling", ...stepsIn(logOf(status)) };
    case "COMPLETED":
      return undefined;
    default:
      throw unreadable();
  }
}

const LAST_LINES = 100;

const logOf = (status: JsonObject): string =>
  listMember(status, "logs")
    .slice(-LAST_LINES)
    .map((line) => textMember(line, "message") ?? "")
    .join("\n");

/** Completed is what has failed, too. */
export const hasFailed = (status: JsonObject): boolean => textMember(status, "error") !== undefined;
