import { type HostedProvider, hostedProvider } from "../hosted/provider";
import { type FalOptions, resolveOptions } from "./options";
import { queuedWork, stopRequest } from "./work";

export type { ChoiceInput, ModelInputs } from "../hosted/model-inputs";
export type { SizeInput } from "../hosted/size-input";
export type { FalFamily } from "./families";
export type { FalModel, FalOptions } from "./options";

/**
 * A provider for fal: each call waits in fal's queue, is followed to its end, can be stopped from any machine and be picked up after
 * a restart.
 *
 * @example
 * fal({ apiKey: process.env.FAL_KEY, models: ["fal-ai/flux/schnell"] })
 * @example
 * fal({ apiKey, models: [{ id: "portrait", upstream: "fal-ai/flux-lora", defaults: { loras: [{ path: "acme/portrait" }] } }] })
 * @throws TypeError naming the option, or the model, and the remedy.
 */
export function fal(options: FalOptions): HostedProvider {
  const resolved = resolveOptions(options);
  const { id, models, pollMs } = resolved;
  return hostedProvider({
    id,
    models,
    pollMs,
    work: (task, model, ctx) => queuedWork(resolved, task, model, ctx),
    stop: (ref, way) => stopRequest(resolved, ref, way),
  });
}
