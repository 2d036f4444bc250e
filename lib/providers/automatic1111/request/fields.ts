import type { Choices } from "../server/choices";
import type { Inspection } from "../server/inspection";

/** What may be set beside the fields of OpenAI, by the names that the server itself has for it. */
export interface Fields {
  /** 1 … 150. */
  readonly steps?: number;
  /** 0 … 30. */
  readonly cfg_scale?: number;
  /** How much of a picture that is edited may change, 0 … 1. */
  readonly denoising_strength?: number;
  /** One of the server's, in any case. */
  readonly sampler_name?: string;
  /** One of the server's, in any case. */
  readonly scheduler?: string;
}

/** What a server is known to offer. */
export type Offer = Pick<Inspection, "samplers" | "schedulers">;

/** As far as the sliders of the server's own page go; more steps are a way to hold it for hours. */
const NUMBERS = {
  steps: { min: 1, max: 150, isWhole: true },
  cfg_scale: { min: 0, max: 30, isWhole: false },
  denoising_strength: { min: 0, max: 1, isWhole: false },
} as const;

/** Where the server lists what a field may be. */
const LISTS = { sampler_name: "samplers", scheduler: "schedulers" } as const;

const isNumber = (name: string): name is keyof typeof NUMBERS => Object.hasOwn(NUMBERS, name);
const isListed = (name: string): name is keyof typeof LISTS => Object.hasOwn(LISTS, name);

const choicesFor = (name: string, offer: Offer): Choices | undefined =>
  isListed(name) ? offer[LISTS[name]] : undefined;

export const FIELDS: readonly string[] = [...Object.keys(NUMBERS), ...Object.keys(LISTS)];

/** The fields that callers may set: a name only where the server has told which there are. */
export const offeredFields = (offer: Offer): string[] =>
  FIELDS.filter((name) => !isListed(name) || choicesFor(name, offer) !== undefined);

/**
 * A field's value as it is sent; `undefined` when it does not fit. A server that does not know a name draws with its default instead,
 * and says nothing: where it has told no names, any goes.
 */
export function fitting(name: string, value: unknown, offer: Offer): string | number | undefined {
  if (!isNumber(name)) {
    if (typeof value !== "string" || value === "") return undefined;
    const choices = choicesFor(name, offer);
    return choices === undefined ? value : choices.spellings.get(value.toLowerCase());
  }
  const { min, max, isWhole } = NUMBERS[name];
  const fits = typeof value === "number" && value >= min && value <= max;
  return fits && (!isWhole || Number.isInteger(value)) ? value : undefined;
}

/** What would fit, for whoever wrote something else. */
export function expected(name: string, offer: Offer): string {
  if (!isNumber(name)) return `one of ${choicesFor(name, offer)?.names.join(", ") ?? "the server's"}`;
  const { min, max, isWhole } = NUMBERS[name];
  return `${isWhole ? "a whole number" : "a number"} from ${min} to ${max}`;
}
