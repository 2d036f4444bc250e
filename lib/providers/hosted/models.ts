import type { ModelCard } from "../../ports/model-card";
import type { OptionsCheck } from "../options-check";
import { abilities, hostedCard } from "./card";
import { fieldsByInput, MODEL_INPUTS, type ModelInputs } from "./model-inputs";

/** What the operator says of one model of a hosting service: parts of its card, and how it is fed. */
export interface HostedModel<Family extends string>
  extends Omit<ModelCard, "ops" | "stream" | "previews" | "cancel" | "resume" | "idempotent"> {
  /** The service's name for it; several models may have the same one, with other defaults. @default the id */
  readonly upstream?: string;
  /** Whose inputs it has, where its name does not tell: a fine-tuned model has those of the model it comes from. */
  readonly family?: Family;
  /** Beats what is known of the family, member by member. */
  readonly input?: ModelInputs;
  /** Inputs sent with every call. Callers change only those that `input` names or `extra` lists. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** How the models of one hosting service differ from another's, as data. */
export interface Catalogue<Family extends string> {
  /** Models that take the same inputs; the first one that knows a name has it. */
  readonly families: readonly {
    readonly name: Family;
    readonly models: RegExp;
    readonly inputs: ModelInputs;
  }[];
  /** The service's names of models. */
  readonly names: RegExp;
  /** A name, for the remedy of a wrong one. */
  readonly example: string;
  /** Inputs that nobody may set, and why. */
  readonly reserved: Readonly<Record<string, string>>;
  readonly cancel: NonNullable<ModelCard["cancel"]>;
}

/** One model, ready to be called. */
export interface Model {
  readonly card: ModelCard;
  readonly upstream: string;
  readonly inputs: ModelInputs;
  readonly defaults: Readonly<Record<string, unknown>>;
  /** The field of a request behind each input; what has none here callers reach by `extra` alone. */
  readonly fields: ReadonlyMap<string, string>;
  /** Inputs that no caller sets, whatever the card lists. */
  readonly reserved: ReadonlySet<string>;
}

const MEMBERS = [
  "id",
  "upstream",
  "aliases",
  "ownedBy",
  "created",
  "limits",
  "params",
  "extra",
  "defaultResponseFormat",
  "progress",
  "cost",
  "family",
  "input",
  "defaults",
] as const satisfies readonly (keyof HostedModel<string>)[];

/**
 * The models that the operator has named, by id.
 *
 * @throws TypeError naming the model and the remedy
 */
export function hostedModels<Family extends string>(
  check: OptionsCheck,
  given: readonly (string | HostedModel<Family>)[],
  catalogue: Catalogue<Family>,
): ReadonlyMap<string, Model> {
  if (!Array.isArray(given) || given.length === 0) {
    check.wrong("models", `is missing: name the models to offer, such as "${catalogue.example}"`);
  }
  const models = new Map<string, Model>();
  for (const each of given) {
    const model = hostedModel(check, typeof each === "string" ? { id: each } : each, catalogue);
    if (models.has(model.card.id)) check.wrong("models", "names a model twice: give one of them another id");
    models.set(model.card.id, model);
  }
  return models;
}

function hostedModel<Family extends string>(
  check: OptionsCheck,
  given: HostedModel<Family>,
  { families, names, example, reserved, cancel }: Catalogue<Family>,
): Model {
  const { id, upstream = id, family, input = {}, defaults = {}, ...card } = given;
  if (typeof id !== "string" || id === "") check.wrong("models", "holds a model without an id");
  const place = `models["${id}"]`;
  check.names(given, MEMBERS);
  check.names(input, MODEL_INPUTS);
  if (!names.test(upstream)) {
    check.wrong(place, `is no name of a model: write it like "${example}", or give such a name as upstream`);
  }
  const known = families.find(({ name, models }) =>
    family === undefined ? models.test(upstream) : name === family,
  );
  if (family !== undefined && known === undefined) {
    check.wrong(`${place}.family`, `use one of ${families.map(({ name }) => name).join(", ")}`);
  }
  for (const [name, why] of Object.entries(reserved)) {
    if (Object.hasOwn(defaults, name)) check.wrong(`${place}.defaults.${name}`, why);
  }
  const inputs = completed(known?.inputs ?? {}, input, card.params);
  const able: Readonly<Partial<Record<string, boolean>>> = abilities(inputs);
  for (const [name, isWanted] of Object.entries(card.params ?? {})) {
    if (isWanted && !able[name]) {
      check.wrong(`${place}.params.${name}`, "is true, but input names nothing that takes it");
    }
  }
  return {
    card: hostedCard({ id, ...card }, inputs, cancel),
    upstream,
    inputs,
    defaults,
    fields: fieldsByInput(inputs),
    reserved: new Set(Object.keys(reserved)),
  };
}

/** What the operator says completes what is known; last comes what such inputs are called nearly everywhere. */
function completed(known: ModelInputs, given: ModelInputs, params: ModelCard["params"]): ModelInputs {
  return {
    ...(params?.seed === true ? { seed: "seed" } : {}),
    ...(params?.negativePrompt === true ? { negativePrompt: "negative_prompt" } : {}),
    ...known,
    ...given,
    // Who adds a field does not want to lose the others.
    extra: { ...known.extra, ...given.extra },
  };
}
