import type { ImageProvider } from "../../ports/provider";
import { type ComfyUIOptions, resolveOptions } from "./options";
import { createProvider } from "./provider";
import { loadWebSocket } from "./server/web-socket";
import { TIMING } from "./timing";

export type { ComfyUIOptions } from "./options";
export type { BindingRule, WorkflowBinding, WorkflowBindings } from "./workflow/bindings";
export type { CardOverrides } from "./workflow/card";
export type { WorkflowEntry, WorkflowSource } from "./workflow/sources";

/**
 * A provider for ComfyUI: each workflow is a model, with progress and previews over the server's own socket. Needs the package
 * ws. Close it when it is no longer used: it holds one socket to each server.
 *
 * @example
 * comfyui({ url: "http://127.0.0.1:8188", workflows: "./workflows" })
 * @example
 * comfyui({ url: ["http://gpu-1:8188", "http://gpu-2:8188"], workflows: { sdxl: "./sdxl.json" } })
 * @throws TypeError naming the option, or the workflow, node and input, and the remedy
 */
export function comfyui(options: ComfyUIOptions): ImageProvider & { close(): Promise<void> } {
  return createProvider(resolveOptions(options), loadWebSocket(), TIMING);
}
