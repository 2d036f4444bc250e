import type { ChoiceInput, ModelInputs } from "../hosted/model-inputs";
import type { Catalogue } from "../hosted/models";
import type { SizeInput } from "../hosted/size-input";

/** Models on Replicate that take the same inputs. */
export type ReplicateFamily =
  | "flux"
  | "flux-schnell"
  | "flux-pro"
  | "flux-2"
  | "sdxl"
  | "stable-diffusion-3"
  | "imagen";

const FORMAT: ChoiceInput = { name: "output_format", values: { png: "png", jpeg: "jpg", webp: "webp" } };

const FLUX_SCHNELL: ModelInputs = {
  n: { name: "num_outputs", max: 4 },
  size: {
    as: "ratio",
    name: "aspect_ratio",
    values: ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"],
  },
  seed: "seed",
  format: FORMAT,
  compression: "output_quality",
  extra: { steps: "num_inference_steps" },
};

const FLUX: ModelInputs = {
  ...FLUX_SCHNELL,
  extra: { steps: "num_inference_steps", guidance_scale: "guidance" },
};

/** Width and height are read when the ratio is `custom`. */
const customSize = (max: number): SizeInput => ({
  as: "sides",
  width: "width",
  height: "height",
  grid: { step: 32, min: 256, max },
  also: { aspect_ratio: "custom" },
});

const FLUX_PRO: ModelInputs = {
  size: customSize(1440),
  seed: "seed",
  format: FORMAT,
  compression: "output_quality",
};

/** Two megapixels: what SDXL draws of more is repeated, and paid by the second. */
const SDXL: ModelInputs = {
  n: { name: "num_outputs", max: 4 },
  size: {
    as: "sides",
    width: "width",
    height: "height",
    grid: { step: 8, min: 256, max: 2048, maxPixels: 2 ** 21 },
  },
  seed: "seed",
  negativePrompt: "negative_prompt",
  extra: { steps: "num_inference_steps", guidance_scale: "guidance_scale" },
};

const STABLE_DIFFUSION_3: ModelInputs = {
  size: {
    as: "ratio",
    name: "aspect_ratio",
    values: ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "9:16", "9:21"],
  },
  seed: "seed",
  format: FORMAT,
  extra: { guidance_scale: "cfg" },
};

const IMAGEN: ModelInputs = {
  size: { as: "ratio", name: "aspect_ratio", values: ["1:1", "9:16", "16:9", "3:4", "4:3"] },
  format: { name: "output_format", values: { png: "png", jpeg: "jpg" } },
};

/**
 * What the models' own pages say of their inputs.
 *
 * @see https://replicate.com/black-forest-labs/flux-dev/api, and so on for each
 */
export const REPLICATE: Catalogue<ReplicateFamily> = {
  families: [
    {
      name: "flux-schnell",
      models: /^black-forest-labs\/flux-schnell(?:-lora)?(?::|$)/,
      inputs: FLUX_SCHNELL,
    },
    {
      name: "flux",
      models: /^black-forest-labs\/flux-(?:krea-)?dev(?:-lora)?(?::|$)/,
      inputs: FLUX,
    },
    { name: "flux-pro", models: /^black-forest-labs\/flux-(?:1\.1-)?pro(?::|$)/, inputs: FLUX_PRO },
    {
      name: "flux-2",
      models: /^black-forest-labs\/flux-2-(?:pro|flex)(?::|$)/,
      inputs: { ...FLUX_PRO, size: customSize(2048) },
    },
    { name: "sdxl", models: /^stability-ai\/sdxl(?::|$)/, inputs: SDXL },
    {
      name: "stable-diffusion-3",
      models: /^stability-ai\/stable-diffusion-3(?:\.5-(?:large(?:-turbo)?|medium))?(?::|$)/,
      inputs: STABLE_DIFFUSION_3,
    },
    { name: "imagen", models: /^google\/imagen-4(?:-fast|-ultra)?(?::|$)/, inputs: IMAGEN },
  ],
  names: /^(?:deployments\/)?(?!\.+\/)[\w.-]{1,100}\/(?!\.+(?:$|:))[\w.-]{1,100}(?::[\w-]{1,100})?$/,
  example: "black-forest-labs/flux-schnell",
  reserved: {},
  // What runs is stopped too, and what ran until then is paid.
  cancel: { queued: "yes", running: "yes" },
};
