import type { ModelLimits, SizeRule } from "../../../ports/model-card";
import type { Field } from "./fields";

/** What is known of the models of one package, beyond what they say of themselves. */
export interface Vendor {
  /** The name under which its models read their options. */
  readonly key: string;
  /** Fields that it has an option for, and the name of that. */
  readonly options: Readonly<Partial<Record<Field, string>>>;
  /** Does it draw with the seed of a call? Absent: not known. */
  readonly takesSeed?: boolean;
  /** Seeds stay below this. Default 2^31. */
  readonly seeds?: number;
  /** Where the number that its models declare is wrong. */
  readonly imagesPerCall?: number;
  /** Features of a call of which it warns although it serves them. */
  readonly falseAlarms?: readonly string[];
  /** By the vendor's own name of a model. */
  limits?(modelId: string): ModelLimits;
}

const OPENAI_OPTIONS: Vendor["options"] = {
  quality: "quality",
  style: "style",
  background: "background",
  moderation: "moderation",
  output_format: "outputFormat",
  output_compression: "outputCompression",
  user: "user",
};

const JPEG_OR_PNG: ModelLimits = { formats: ["jpeg", "png"] };

const ratios = (values: string): readonly SizeRule[] => [
  { kind: "ratio", values: values.split(" "), auto: true },
];

const GEMINI: ModelLimits = { sizes: ratios("1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9") };
const XAI: ModelLimits = {
  sizes: ratios("1:1 16:9 9:16 4:3 3:4 3:2 2:3 2:1 1:2 19.5:9 9:19.5 20:9 9:20"),
  qualities: ["low", "medium", "high"],
};
const PHOTON: ModelLimits = { sizes: ratios("1:1 3:4 4:3 9:16 16:9 9:21 21:9") };
const FLUX = ratios("1:1 16:9 9:16 4:3 3:4 3:2 2:3 21:9 9:21");
const FLUX_AT_REPLICATE = ratios("1:1 16:9 9:16 4:3 3:4 3:2 2:3 4:5 5:4 21:9 9:21");
const FLUX_AT_FIREWORKS = ratios("1:1 2:3 3:2 4:5 5:4 16:9 9:16 9:21 21:9");
const STABILITY_AT_DEEPINFRA = ratios("1:1 16:9 1:9 3:2 2:3 4:5 5:4 9:16 9:21");
const NOVA_CANVAS: readonly SizeRule[] = [
  {
    kind: "grid",
    step: 16,
    min: 320,
    max: 4096,
    maxPixels: 4_194_304,
    minRatio: 1 / 4,
    maxRatio: 4,
    auto: true,
  },
];

/**
 * By what models call their provider, up to the first dot that is left out. From the sources of the packages and the tables in the
 * documentation that they ship; what is not listed the upstream decides.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-core/image-generation#image-models
 */
const VENDORS: Readonly<Record<string, Vendor>> = {
  openai: { key: "openai", options: OPENAI_OPTIONS, takesSeed: false },
  azure: { key: "openai", options: OPENAI_OPTIONS, takesSeed: false },
  xai: {
    key: "xai",
    options: { quality: "quality", output_format: "output_format", user: "user" },
    takesSeed: false,
    limits: () => XAI,
  },
  // Its models take `n` and ignore it, also where somebody has set maxImagesPerCall.
  google: { key: "google", options: {}, takesSeed: true, imagesPerCall: 1, limits: () => GEMINI },
  "google.vertex": { key: "googleVertex", options: {}, takesSeed: true, limits: () => GEMINI },
  "black-forest-labs": {
    key: "blackForestLabs",
    options: { output_format: "outputFormat" },
    takesSeed: true,
    // It sends width and height, and a ratio besides.
    falseAlarms: ["size"],
    limits: (id) => (/ultra|kontext/.test(id) ? { ...JPEG_OR_PNG, sizes: FLUX } : JPEG_OR_PNG),
  },
  replicate: {
    key: "replicate",
    options: { negative_prompt: "negative_prompt" },
    takesSeed: true,
    // The eight of flux-2 are pictures that go in.
    imagesPerCall: 1,
    limits: (id) => (id.startsWith("black-forest-labs/") ? { sizes: FLUX_AT_REPLICATE } : {}),
  },
  fal: {
    key: "fal",
    options: { negative_prompt: "negative_prompt", output_format: "outputFormat" },
    takesSeed: true,
    limits: () => JPEG_OR_PNG,
  },
  fireworks: {
    key: "fireworks",
    options: { negative_prompt: "negative_prompt", output_format: "output_format" },
    takesSeed: true,
    limits: (id) => (/\bflux-/.test(id) ? { ...JPEG_OR_PNG, sizes: FLUX_AT_FIREWORKS } : JPEG_OR_PNG),
  },
  togetherai: { key: "togetherai", options: { negative_prompt: "negative_prompt" }, takesSeed: true },
  deepinfra: {
    key: "deepinfra",
    options: { negative_prompt: "negative_prompt" },
    takesSeed: true,
    limits: (id) => (id.startsWith("stabilityai/") ? { sizes: STABILITY_AT_DEEPINFRA } : {}),
  },
  luma: { key: "luma", options: {}, takesSeed: false, limits: () => PHOTON },
  "amazon-bedrock": {
    key: "amazonBedrock",
    options: { negative_prompt: "negativeText", quality: "quality", style: "style" },
    takesSeed: true,
    seeds: 858_993_460,
    limits: (id) => ({
      qualities: ["standard", "premium"],
      ...(id.startsWith("amazon.nova-canvas") ? { sizes: NOVA_CANVAS } : {}),
    }),
  },
  bytedance: { key: "bytedance", options: { output_format: "outputFormat" }, takesSeed: false },
  prodia: { key: "prodia", options: {}, takesSeed: true },
  // "No limit" it says, and was seen to give one picture for any n (vercel/ai#10440).
  gateway: { key: "gateway", options: {}, imagesPerCall: 1 },
};

/** The vendor of a model, by the name that its package gives it: `xai.image`, `replicate`, `google.vertex.image`. */
export function vendorOf(provider: string): Vendor {
  const segments = provider.split(".");
  for (let length = segments.length; length > 0; length--) {
    const name = segments.slice(0, length).join(".");
    const vendor = Object.hasOwn(VENDORS, name) ? VENDORS[name] : undefined;
    if (vendor !== undefined) return vendor;
  }
  return { key: camelCase(segments[0] ?? ""), options: {} };
}

/** As packages made with `@ai-sdk/openai-compatible` call it: `my-server.image` reads the options under `myServer`. */
const camelCase = (name: string): string =>
  name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
