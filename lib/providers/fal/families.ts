import type { ModelInputs } from "../hosted/model-inputs";
import type { Catalogue } from "../hosted/models";
import type { SizeInput } from "../hosted/size-input";

/** Models on fal that take the same inputs. */
export type FalFamily =
  | "flux"
  | "flux-pro"
  | "flux-pro-ratio"
  | "flux-2"
  | "flux-2-pro"
  | "sdxl"
  | "stable-diffusion-3"
  | "qwen-image"
  | "seedream"
  | "nano-banana";

/** `image_size` takes names of sizes too; callers say width and height. Pictures are paid by the megapixel. */
const imageSize = (min: number, max: number): SizeInput => ({
  as: "object",
  name: "image_size",
  grid: { step: 16, min, max },
});

const aspectRatio = (...values: string[]): SizeInput => ({ as: "ratio", name: "aspect_ratio", values });

const N = { name: "num_images", max: 4 };
const JPEG_OR_PNG = { name: "output_format", values: ["jpeg", "png"] };
const ANY_FORMAT = { name: "output_format", values: ["jpeg", "png", "webp"] };
const STEPS = { steps: "num_inference_steps", guidance_scale: "guidance_scale" };

const FLUX_PRO: ModelInputs = { n: N, size: imageSize(256, 2048), seed: "seed", format: JPEG_OR_PNG };
const FLUX: ModelInputs = { ...FLUX_PRO, extra: STEPS };
const WITH_NEGATIVE: ModelInputs = { ...FLUX, negativePrompt: "negative_prompt" };
const FLUX_2: ModelInputs = { n: N, size: imageSize(512, 2048), seed: "seed", format: ANY_FORMAT };

/**
 * What the models' own schemas say of their inputs.
 *
 * @see https://fal.ai/models/fal-ai/flux/dev/api, and so on for each
 */
export const FAL: Catalogue<FalFamily> = {
  families: [
    {
      name: "flux",
      models: /^fal-ai\/flux(?:(?:-1)?\/(?:schnell|dev|krea|srpo)|(?:-krea)?-lora)$/,
      inputs: FLUX,
    },
    { name: "flux-pro", models: /^fal-ai\/flux-pro\/v1\.1$/, inputs: FLUX_PRO },
    {
      name: "flux-pro-ratio",
      models: /^fal-ai\/flux-pro\/(?:v1\.1-ultra|kontext(?:\/max)?\/text-to-image)$/,
      inputs: {
        ...FLUX_PRO,
        size: aspectRatio("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"),
      },
    },
    { name: "flux-2", models: /^fal-ai\/flux-2(?:\/(?:flash|turbo|klein\/(?:4b|9b)))?$/, inputs: FLUX_2 },
    {
      name: "flux-2-pro",
      models: /^fal-ai\/flux-2-(?:pro|max|flex)$/,
      inputs: { size: imageSize(512, 2048), seed: "seed", format: JPEG_OR_PNG },
    },
    {
      name: "sdxl",
      models: /^fal-ai\/fast-sdxl$/,
      inputs: { ...WITH_NEGATIVE, format: { ...JPEG_OR_PNG, name: "format" } },
    },
    {
      name: "stable-diffusion-3",
      models: /^fal-ai\/stable-diffusion-v35-(?:large|medium)$/,
      inputs: WITH_NEGATIVE,
    },
    { name: "qwen-image", models: /^fal-ai\/qwen-image$/, inputs: WITH_NEGATIVE },
    {
      name: "seedream",
      models: /^fal-ai\/bytedance\/seedream\/v4\/text-to-image$/,
      inputs: { n: N, size: imageSize(960, 4096), seed: "seed" },
    },
    {
      name: "nano-banana",
      models: /^fal-ai\/nano-banana$/,
      inputs: {
        n: N,
        size: aspectRatio("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16"),
        seed: "seed",
        format: ANY_FORMAT,
      },
    },
  ],
  names: /^(?:(?!\.+\/)[\w.-]{1,100}\/){1,8}(?!\.+$)[\w.-]{1,100}$/,
  example: "fal-ai/flux/schnell",
  reserved: { sync_mode: "would put the pictures into the answers: leave it out" },
  // What waits is removed; what runs is told, and may not listen.
  cancel: { queued: "yes", running: "best_effort" },
};
