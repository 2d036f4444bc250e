import type { ModelCard } from "../../ports/model-card";
import { IMAGE_BYTES, optionsCheck } from "../options-check";
import { FIELDS, type Field } from "./model/fields";
import { type ImageModel, type ProviderOptions, problemOfModel } from "./model/image-model";
import { type Vendor, vendorOf } from "./model/vendors";

/** What the operator says of a model; it overrides what is derived. */
export type CardOverrides = Omit<Partial<ModelCard>, "id" | "upstream" | "extra"> & {
  /** Request fields that become options of the vendor under the same name. */
  readonly extra?: readonly string[];
};

/** A model with what there is to say of it. */
export interface AiSdkModel {
  readonly model: ImageModel;
  readonly card?: CardOverrides;
  /** Sent with every call, as in the vendor's documentation; what callers may set overrides it. */
  readonly providerOptions?: ProviderOptions;
  /** The vendor's own names for request fields that a call of the AI SDK has no place for: `{ seed: "seed" }`. */
  readonly fields?: Readonly<Partial<Record<Field, string>>>;
  /** The name in `providerOptions` under which the model reads its options. @default by the model's `provider` */
  readonly optionsKey?: string;
}

export interface AiSdkOptions {
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "ai-sdk" */
  readonly id?: string;
  /** What clients write in `model` → a model, or a model with what there is to say of it. */
  readonly models: Readonly<Record<string, ImageModel | AiSdkModel>>;
  /** The largest picture taken, in bytes. @default 33554432 */
  readonly maxImageBytes?: number;
}

/** One model, ready to be called. */
export interface Model {
  readonly id: string;
  readonly model: ImageModel;
  readonly vendor: Vendor;
  readonly overrides: CardOverrides;
  readonly providerOptions: ProviderOptions;
  readonly optionsKey: string;
  /** Fields that the operator has named, and those that the vendor is known for. */
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  readonly ownFields: ReadonlySet<Field>;
}

/** The options, checked and made ready. */
export interface ResolvedAiSdkOptions {
  readonly id: string;
  readonly models: ReadonlyMap<string, Model>;
  readonly maxImageBytes: number;
}

const KNOWN = ["id", "models", "maxImageBytes"] as const satisfies readonly (keyof AiSdkOptions)[];
const KNOWN_OF_MODEL = [
  "model",
  "card",
  "providerOptions",
  "fields",
  "optionsKey",
] as const satisfies readonly (keyof AiSdkModel)[];

const check = optionsCheck("aiSdk()");
const { wrong } = check;

/**
 * Checks everything that can be known before the first call.
 *
 * @throws TypeError naming the option and the remedy.
 */
export function resolveOptions(options: AiSdkOptions): ResolvedAiSdkOptions {
  check.names(options, KNOWN);
  const { models } = options;
  const isRecord = typeof models === "object" && models !== null && !Array.isArray(models);
  const entries = isRecord ? Object.entries(models) : [];
  if (entries.length === 0)
    wrong("models", 'is missing: write it like {"flux-pro": vendor.image("flux-pro")}');
  return Object.freeze({
    id: check.id(options.id ?? "ai-sdk"),
    models: new Map(entries.map(([id, entry]) => [id, resolveModel(id, entry)])),
    maxImageBytes: check.whole("maxImageBytes", options.maxImageBytes ?? IMAGE_BYTES.usual, IMAGE_BYTES),
  });
}

function resolveModel(id: string, entry: ImageModel | AiSdkModel): Model {
  const option = `models[${JSON.stringify(id)}]`;
  if (id === "") wrong("models", "holds a model without a name");
  const given: AiSdkModel = isEntry(entry) ? entry : { model: entry };
  if (isEntry(entry)) check.names(entry, KNOWN_OF_MODEL);
  const { model, card = {}, providerOptions = {}, fields = {} } = given;
  const problem = problemOfModel(model);
  if (problem !== undefined) wrong(option, problem);
  const extra: unknown = card.extra;
  if (extra !== undefined && !Array.isArray(extra)) {
    wrong(`${option}.card.extra`, "is no list: name the fields that callers may set");
  }
  const named = Object.keys(fields);
  const stranger = named.find((name) => !FIELDS.some((field) => field === name));
  if (stranger !== undefined) wrong(`${option}.fields.${stranger}`, `is no field: use ${FIELDS.join(", ")}`);
  if (model.specificationVersion === "v2" && card.ops?.some((op) => op !== "generate")) {
    wrong(`${option}.card.ops`, "cannot hold edit or variation: models of version v2 take no pictures");
  }

  const vendor = vendorOf(typeof model.provider === "string" ? model.provider : "");
  return Object.freeze({
    id,
    model,
    vendor,
    overrides: card,
    providerOptions,
    optionsKey: given.optionsKey ?? vendor.key,
    fields: { ...vendor.options, ...fields },
    ownFields: new Set(FIELDS.filter((field) => fields[field] !== undefined)),
  });
}

/** A model's own members win over those of an entry: whatever can be called is a model. */
const isEntry = (entry: ImageModel | AiSdkModel): entry is AiSdkModel =>
  typeof entry === "object" && entry !== null && "model" in entry && !("doGenerate" in entry);
