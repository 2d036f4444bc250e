import type { Logger, ModelCard } from "../../ports";

/**
 * The cards that can be used. A provider without types may say anything; what is wrong with a card is logged, and the card left out.
 */
export function usableCards(cards: unknown, provider: string, log: Logger): readonly ModelCard[] {
  if (!Array.isArray(cards)) {
    log.error({ provider }, "models() must give an array of model cards; it gave none");
    return [];
  }
  return cards.filter((card: unknown): card is ModelCard => {
    const problem = problemOf(card);
    if (problem !== undefined) log.error({ provider }, `a model card is left out: ${problem}`);
    return problem === undefined;
  });
}

function problemOf(card: unknown): string | undefined {
  if (!isObject(card)) return "it must be an object, such as { id: 'my-model' }";
  const { id, aliases, ops, limits } = card;
  if (typeof id !== "string" || id === "") return "its 'id' must be a text that is not empty";
  if (!isListOf(aliases, isText)) return `'aliases' of '${id}' must be an array of texts`;
  if (!isListOf(ops, isText)) return `'ops' of '${id}' must be an array, such as ['generate']`;
  if (limits === undefined) return undefined;
  if (!isObject(limits)) return `'limits' of '${id}' must be an object`;
  if (!isListOf(limits["sizes"], (rule) => isObject(rule) && typeof rule["kind"] === "string")) {
    return `'limits.sizes' of '${id}' must be an array of rules, such as [{ kind: 'list', values: ['512x512'] }]`;
  }
  for (const name of ["qualities", "styles", "backgrounds", "formats"]) {
    if (!isListOf(limits[name], isText)) return `'limits.${name}' of '${id}' must be an array of texts`;
  }
  for (const name of ["n", "promptChars", "concurrent"]) {
    const value = limits[name];
    if (value !== undefined && !(typeof value === "number" && value >= 1)) {
      return `'limits.${name}' of '${id}' must be a number, 1 or more`;
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isText = (value: unknown): boolean => typeof value === "string";

const isListOf = (value: unknown, isOne: (each: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isOne));
