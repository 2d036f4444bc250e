import { MIB } from "../../internal/byte-sizes";
import type { ModelCard, ModelLimits } from "../../ports/model-card";

/** Models that share their rules, told by name. */
export type Family = "gpt-image" | "dall-e-3" | "dall-e-2" | "other";

/** The family of a model's name, also behind a vendor's prefix (`openai/gpt-image-1`). */
export function familyOf(name: string): Family {
  if (/(?:^|\/)(?:chat)?gpt-image-[^/]+$/.test(name)) return "gpt-image";
  const [, dallE] = /(?:^|\/)dall-e-([23])$/.exec(name) ?? [];
  if (dallE === undefined) return "other";
  return dallE === "3" ? "dall-e-3" : "dall-e-2";
}

type Known = Omit<ModelCard, "id">;

const DALL_E: Known = {
  params: { seed: false, negativePrompt: false, background: false, moderation: false, output: false },
};

const CARDS: Readonly<Record<Family, Known>> = {
  "gpt-image": {
    ops: ["generate", "edit"],
    params: { seed: false, negativePrompt: false, style: false },
    stream: "native",
    defaultResponseFormat: "b64_json",
  },
  "dall-e-3": {
    ...DALL_E,
    limits: {
      n: 1,
      promptChars: 4_000,
      sizes: [{ kind: "list", values: ["1024x1024", "1792x1024", "1024x1792"], auto: true }],
      qualities: ["standard", "hd"],
      styles: ["vivid", "natural"],
    },
  },
  "dall-e-2": {
    ...DALL_E,
    ops: ["generate", "edit", "variation"],
    params: { ...DALL_E.params, style: false },
    limits: {
      n: 10,
      inputImages: 1,
      inputBytes: 4 * MIB,
      promptChars: 1_000,
      sizes: [{ kind: "list", values: ["256x256", "512x512", "1024x1024"], auto: true }],
      qualities: ["standard"],
    },
  },
  other: {},
};

const GPT_IMAGE: ModelLimits = {
  n: 10,
  promptChars: 32_000,
  inputImages: 16,
  inputBytes: 50 * MIB,
};

/** Up to version 2 the words are settled; from 2.5 on new ones come by the month, so the upstream decides. */
const SETTLED: ModelLimits = {
  qualities: ["auto", "low", "medium", "high"],
  backgrounds: ["auto", "transparent", "opaque"],
  formats: ["png", "jpeg", "webp"],
};

const FIXED_SIZES: ModelLimits = {
  sizes: [{ kind: "list", values: ["1024x1024", "1536x1024", "1024x1536"], auto: true }],
};

const FREE_SIZES: ModelLimits = {
  sizes: [
    { kind: "grid", step: 16, max: 3840, maxPixels: 3840 * 2160, minRatio: 1 / 3, maxRatio: 3, auto: true },
  ],
};

/**
 * What OpenAI's documentation says of a model's limits; nothing for a name it does not have.
 *
 * @see https://platform.openai.com/docs/api-reference/images/create
 */
export function knownCard(name: string): Known {
  const family = familyOf(name);
  if (family !== "gpt-image") return CARDS[family];
  const version = Number.parseFloat(/gpt-image-(\d+(?:\.\d+)?)/.exec(name)?.[1] ?? "NaN");
  const limits = { ...GPT_IMAGE, ...(version <= 2 ? SETTLED : {}), ...sizesOf(version) };
  return { ...CARDS[family], ...(version < 2 && { extra: ["input_fidelity"] }), limits };
}

/** `chatgpt-image-latest` names no version, and so promises no sizes. */
function sizesOf(version: number): ModelLimits {
  if (Number.isNaN(version)) return {};
  return version < 2 ? FIXED_SIZES : FREE_SIZES;
}
