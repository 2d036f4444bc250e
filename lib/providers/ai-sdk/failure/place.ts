import { isObject } from "../../../internal/json-shape";
import type { ImageTask } from "../../../ports/task";
import type { Place, Traffic } from "../fetch/traffic";
import type { Started } from "./failed";
import type { Thrown } from "./thrown";

const MOST_VALUES = 1_000;

/**
 * Which of a model's requests has failed. A refusal of the one that begins the work proves that nothing was begun; the same answer to a
 * later one (asking how far it is, fetching the picture) proves nothing of the kind, and the AI SDK throws both alike. Requests through
 * `gatewayFetch` were seen. Else the error itself tells: the body that begins the work holds the prompt, asking and fetching have none.
 */
export function placeOf({ status, sent }: Thrown, task: ImageTask, traffic: Traffic): Place {
  if (traffic.isUsed) return traffic.placeOf(status);
  if (!isObject(sent)) return "unknown";
  if (Object.keys(sent).length === 0) return "later";
  return "prompt" in task && holds(sent, task.prompt) ? "first" : "unknown";
}

/** What an error says of the work holds for the request that begins it only. */
export function startedAt(place: Place, started: Started): Started {
  if (place === "later") return "yes";
  return place === "first" || started === "yes" ? started : "maybe";
}

function holds(values: unknown, prompt: string): boolean {
  const waiting: unknown[] = [values];
  for (let seen = 0; seen < MOST_VALUES && waiting.length > 0; seen++) {
    const value = waiting.pop();
    if (typeof value === "string" && value.includes(prompt)) return true;
    if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
      waiting.push(...Object.values(value).slice(0, MOST_VALUES));
    }
  }
  return false;
}
