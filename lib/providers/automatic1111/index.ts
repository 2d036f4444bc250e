import type { ImageProvider } from "../../ports/provider";
import { type Automatic1111Options, resolveOptions } from "./options";
import { PACE } from "./pace";
import { createProvider } from "./provider";

export type { Automatic1111Model, ModelDefaults, OverrideSettings } from "./models";
export type { Automatic1111Options } from "./options";

/**
 * A provider for AUTOMATIC1111's web UI, for Forge, and for servers that speak the same API: each checkpoint is a model, with progress and
 * previews. One call at a time goes to the server. Close it when it is no longer used.
 *
 * @example
 * automatic1111({ url: "http://127.0.0.1:7860" })
 * @example
 * automatic1111({
 *   url: "http://127.0.0.1:7860",
 *   models: [{ id: "sdxl", upstream: "sd_xl_base_1.0", aliases: ["dall-e-3"], defaults: { width: 1024, height: 1024 } }],
 * })
 * @throws TypeError naming the option that is wrong, and the remedy
 */
export function automatic1111(options: Automatic1111Options): ImageProvider & { close(): Promise<void> } {
  return createProvider(resolveOptions(options), PACE);
}
