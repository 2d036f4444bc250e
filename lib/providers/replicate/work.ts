import { textMember } from "../../internal/json-shape";
import type { RunContext, UpstreamRef } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { fillInputs, type GenerateTask, promptsOf } from "../hosted/fill-inputs";
import type { Model } from "../hosted/models";
import { delivered } from "../hosted/pictures";
import type { RemoteWork, Stopped } from "../hosted/remote-work";
import { unreadable, type Way } from "../upstream/json-exchange";
import { retryAfterMs } from "../upstream/retry-after";
import { createApi } from "./api";
import type { ResolvedReplicateOptions } from "./options";
import { picturesOf } from "./output";
import { lookAt } from "./prediction";

/** One call as a prediction. */
export function predictionWork(
  options: ResolvedReplicateOptions,
  task: GenerateTask,
  model: Model,
  ctx: RunContext,
): RemoteWork {
  const { input, warnings } = fillInputs(task, model);
  const secrets = [...options.secrets, ...promptsOf(task)];
  const api = createApi(options, task.n, secrets);
  const { deadline } = ctx;
  return {
    async submit(way) {
      const { json } = await api.create(way, model, input, deadline - Date.now());
      const id = textMember(json, "id");
      if (!isPredictionId(id)) throw unreadable();
      return { provider: options.id, id };
    },
    async look({ id }, way) {
      if (!isPredictionId(id)) throw unreadable();
      const { headers, json } = await api.get(way, id);
      if (textMember(json, "id") !== id) throw unreadable();
      const pictures = () => {
        const images = picturesOf(json, options, ctx);
        return delivered(images, { n: task.n, warnings, upstreamId: id });
      };
      return lookAt(json, { deadline, secrets, pictures, waitMs: retryAfterMs(headers, "") });
    },
    stop: (ref, way) => stopPrediction(options, ref, way),
  };
}

/** Stops a prediction by name, and says what became of it. */
export async function stopPrediction(
  options: ResolvedReplicateOptions,
  { id }: UpstreamRef,
  way: Way,
): Promise<Stopped> {
  if (!isPredictionId(id)) return "unknown";
  try {
    const { json } = await createApi(options, 0, options.secrets).cancel(way, id);
    return STOPPED.get(textMember(json, "status")) ?? "requested";
  } catch (error) {
    if (ProviderError.is(error) && error.info.status === 404) return "unknown";
    throw error;
  }
}

const STOPPED: ReadonlyMap<string | undefined, Stopped> = new Map([
  ["canceled", "stopped"],
  ["aborted", "stopped"],
  ["succeeded", "too_late"],
  ["failed", "too_late"],
]);

/** What an id may look like, so that it cannot walk through the addresses. */
const isPredictionId = (id: string | undefined): id is string =>
  id !== undefined && /^[\w-]{1,128}$/.test(id);
