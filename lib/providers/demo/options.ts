import { checkOptionNames } from "../../internal/option-names";
import type { ModelCard } from "../../ports";
import { demoCard } from "./card";

/** A card of the demo's: what is left out is as in the default one. */
export type DemoModel = Partial<ModelCard> & Pick<ModelCard, "id">;

export interface DemoOptions {
  /**
   * Names the provider in logs and `GET /models`.
   *
   * @default "demo"
   */
  readonly id?: string;
  /**
   * The models it serves, by id or by card; all draw alike.
   *
   * @default ["demo"]
   */
  readonly models?: readonly (string | DemoModel)[];
  /**
   * Further ids for the first model, such as `dall-e-3`, so that published examples work as they stand.
   *
   * @default []
   */
  readonly aliases?: readonly string[];
  /**
   * Time per step in milliseconds, 0 … 60,000; 0 does not wait.
   *
   * @default 120
   */
  readonly stepMs?: number;
  /**
   * Steps of one call, 1 … 50, where the request does not say.
   *
   * @default 8
   */
  readonly steps?: number;
}

export interface ResolvedDemoOptions {
  readonly id: string;
  readonly cards: readonly ModelCard[];
  readonly stepMs: number;
  readonly steps: number;
}

export const MAX_STEPS = 50;
const MAX_STEP_MS = 60_000;
const KNOWN = ["id", "models", "aliases", "stepMs", "steps"];

/** @throws TypeError that names the option and the remedy */
export function resolveDemoOptions(options: DemoOptions): ResolvedDemoOptions {
  checkOptionNames("demo()", options, KNOWN);
  const { id = "demo", stepMs = 120, steps = 8 } = options;
  if (!/^[a-z0-9_-]+$/.test(id)) {
    throw new TypeError("demo(): option 'id' must be lower-case letters, digits, '-' or '_'.");
  }
  if (!(stepMs >= 0 && stepMs <= MAX_STEP_MS)) {
    throw new TypeError(`demo(): option 'stepMs' must be from 0 to ${MAX_STEP_MS} milliseconds.`);
  }
  if (!isSteps(steps))
    throw new TypeError(`demo(): option 'steps' must be a whole number from 1 to ${MAX_STEPS}.`);
  return Object.freeze({ id, cards: cardsOf(options), stepMs, steps });
}

export function isSteps(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_STEPS;
}

function cardsOf({ models = ["demo"], aliases = [] }: DemoOptions): readonly ModelCard[] {
  const [first, ...others] = models.map((model) =>
    demoCard(typeof model === "string" ? { id: model } : model),
  );
  if (first === undefined) throw new TypeError("demo(): option 'models' must name at least one model.");
  const cards = [
    aliases.length === 0 ? first : { ...first, aliases: [...(first.aliases ?? []), ...aliases] },
    ...others,
  ];
  const ids = cards.flatMap((card) => [card.id, ...(card.aliases ?? [])]);
  if (ids.some((each) => each === ""))
    throw new TypeError("demo(): 'models' and 'aliases' must not hold an empty id.");
  const twice = ids.find((each, at) => ids.indexOf(each) !== at);
  if (twice !== undefined)
    throw new TypeError(`demo(): '${twice}' is named twice in 'models' and 'aliases'; remove one.`);
  return Object.freeze(cards);
}
