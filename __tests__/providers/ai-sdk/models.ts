import type { ImageModel, ImageModelCall } from "../../../lib/providers/ai-sdk";

export type Version = ImageModel["specificationVersion"];

/** A model whose every answer a test decides; keeps what it was called with. */
export interface ScriptedModel extends ImageModel {
  readonly calls: ImageModelCall[];
}

type Answer = (call: ImageModelCall) => unknown;

export function scriptedModel(
  answer: Answer = (call) => ({ images: Array.from({ length: call.n }, () => PIXEL), warnings: [] }),
  more: Partial<ImageModel> = {},
): ScriptedModel {
  const calls: ImageModelCall[] = [];
  return {
    specificationVersion: "v4",
    provider: "studio.image",
    modelId: "studio-1",
    maxImagesPerCall: 4,
    ...more,
    calls,
    async doGenerate(call) {
      calls.push(call);
      return answer(call);
    },
  };
}

/** One pixel, as PNG. */
export const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** An error as the packages of the AI SDK throw it: told by its name and members, never by its class. */
export const thrown = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });
