import { KIB } from "../../internal/byte-sizes";
import { type HostedProvider, hostedProvider } from "../hosted/provider";
import { probe } from "../upstream/probe";
import { type ReplicateOptions, resolveOptions } from "./options";
import { predictionWork, stopPrediction } from "./work";

export type { ChoiceInput, ModelInputs } from "../hosted/model-inputs";
export type { SizeInput } from "../hosted/size-input";
export type { ReplicateFamily } from "./families";
export type { ReplicateModel, ReplicateOptions } from "./options";

/**
 * A provider for Replicate: each call is a prediction that is followed to its end, can be stopped from any machine and be picked
 * up after a restart.
 *
 * @example
 * replicate({ apiToken: process.env.REPLICATE_API_TOKEN, models: ["black-forest-labs/flux-schnell"] })
 * @example
 * replicate({
 *   apiToken,
 *   models: [{ id: "house-style", upstream: "acme/house-style:8f2b…", family: "flux", defaults: { lora_scale: 0.9 } }],
 * })
 * @throws TypeError naming the option, or the model, and the remedy.
 */
export function replicate(options: ReplicateOptions): HostedProvider {
  const resolved = resolveOptions(options);
  const { id, models, pollMs, baseUrl, headers } = resolved;
  const provider = hostedProvider({
    id,
    models,
    pollMs,
    work: (task, model, ctx) => predictionWork(resolved, task, model, ctx),
    stop: (ref, way) => stopPrediction(resolved, ref, way),
  });
  // The cheapest question that shows whether the API lives and takes the token.
  const account = { method: "GET", url: `${baseUrl}/account`, headers, maxBytes: 64 * KIB } as const;
  return { ...provider, health: (ctx) => probe(ctx, account, "the account") };
}
