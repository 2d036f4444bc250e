import type { ImageProvider } from "../../ports/provider";
import { cardOf } from "./model/card";
import { type AiSdkOptions, resolveOptions } from "./options";
import { runModel } from "./run";

export { gatewayFetch } from "./fetch/gateway-fetch";
export type { Field } from "./model/fields";
export type { ImageModel, ImageModelCall, ImageModelFile, ProviderOptions } from "./model/image-model";
export type { AiSdkModel, AiSdkOptions, CardOverrides } from "./options";

/**
 * A provider for image models of the AI SDK, whichever package they come from. Needs none of its packages itself.
 *
 * @example
 * aiSdk({ id: "bfl", models: { "flux-pro-1.1": bfl.image("flux-pro-1.1") } })
 * @throws TypeError naming the option that is wrong, and the remedy.
 */
export function aiSdk(options: AiSdkOptions): ImageProvider {
  const resolved = resolveOptions(options);
  return {
    id: resolved.id,
    models: ({ signal }) => Promise.all([...resolved.models.values()].map((model) => cardOf(model, signal))),
    run: (task, ctx) => runModel(resolved, task, ctx),
  };
}
