import type { JsonObject } from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import type { RunContext, UpstreamRef } from "../../ports/provider";
import { fillInputs, type GenerateTask, promptsOf } from "../hosted/fill-inputs";
import type { Model } from "../hosted/models";
import { delivered } from "../hosted/pictures";
import { endOf, type Look } from "../hosted/polling";
import type { RemoteWork, Stopped } from "../hosted/remote-work";
import { isSuccess, readJson, unreadable, type Way } from "../upstream/json-exchange";
import { retryAfterMs } from "../upstream/retry-after";
import { handleOf, refFrom } from "./handle";
import type { ResolvedFalOptions } from "./options";
import { picturesOf } from "./output";
import { createQueue } from "./queue";
import { failedWork, refusal } from "./refusal";
import { hasFailed, progressOf } from "./status";

/** One call as a request in the queue. */
export function queuedWork(
  options: ResolvedFalOptions,
  task: GenerateTask,
  model: Model,
  ctx: RunContext,
): RemoteWork {
  const { id, baseUrl } = options;
  const { input, warnings } = fillInputs(task, model);
  const secrets = [...options.secrets, ...promptsOf(task)];
  const queue = createQueue(options, secrets);

  return {
    async submit(way) {
      const { json } = await queue.submit(way, model, input, ctx.deadline - Date.now());
      const ref = refFrom(json, id, baseUrl);
      if (ref === undefined) throw unreadable();
      return ref;
    },
    async look(ref, way): Promise<Look> {
      const handle = handleOf(ref, baseUrl);
      if (handle === undefined) throw unreadable();
      const { headers, json: status } = await queue.status(way, handle);
      const progress = progressOf(status);
      if (progress !== undefined) return { progress, waitMs: retryAfterMs(headers, "") };

      const response = await queue.result(way, handle);
      if (isPassing(response, status)) throw await refusal(response, secrets);
      if (!isSuccess(response) || hasFailed(status)) {
        return { end: await failedWork(response, status, secrets, model) };
      }
      const result = await readJson(response);
      return endOf(() => {
        const { images, withheld } = picturesOf(result, input["enable_safety_checker"] !== false);
        return delivered(images, { n: task.n, warnings, upstreamId: ref.id, withheld });
      });
    },
    stop: (ref, way) => stopRequest(options, ref, way),
  };
}

/** The queue itself stumbled: it calls the work done, and nothing in its answer is of the work. */
const isPassing = ({ status, headers }: HttpResponse, work: JsonObject): boolean =>
  PASSING.has(status) && !hasFailed(work) && OF_WORK.every((name) => headers[name] === undefined);

const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const OF_WORK = ["x-fal-error-type", "x-fal-retryable"] as const;

/** Stops a request by name, and says what became of it: what waits is removed, what runs is told. */
export async function stopRequest(options: ResolvedFalOptions, ref: UpstreamRef, way: Way): Promise<Stopped> {
  const handle = handleOf(ref, options.baseUrl);
  if (handle === undefined) return "unknown";
  const response = await createQueue(options, options.secrets).cancel(way, handle);
  const stopped = STOPPED[response.status];
  if (stopped === undefined) throw await refusal(response, options.secrets);
  // Leaving at once frees the connection.
  await response.body[Symbol.asyncIterator]().return?.();
  return stopped;
}

/** @see https://fal.ai/docs/inference-api/queue/cancel */
const STOPPED: Readonly<Record<number, Stopped>> = {
  200: "stopped",
  202: "requested",
  400: "too_late",
  404: "unknown",
};
