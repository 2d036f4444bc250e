import type { ModelCard } from "../../ports/model-card";
import type { Dialect } from "./dialects";
import { type Family, familyOf, knownCard } from "./families";

/** The models that the operator has named, and what to think of any other. */
export interface Cards {
  /** In the operator's order; `undefined` when none are named. */
  readonly named: readonly ModelCard[] | undefined;
  /** The card of the upstream's own name for a model. */
  forUpstream(name: string): ModelCard;
}

/** A card completed by what the dialect and OpenAI's documentation say; the given card has the last word. */
export function completed(card: ModelCard, dialect: Dialect): ModelCard {
  const known = dialect.openaiModels ? knownCard(documentedName(card)) : {};
  return {
    ...dialect.card,
    ...known,
    ...card,
    limits: { ...dialect.card.limits, ...known.limits, ...card.limits },
    params: { ...dialect.card.params, ...known.params, ...card.params },
  };
}

export function createCards(models: readonly (string | ModelCard)[] | undefined, dialect: Dialect): Cards {
  const named = models?.map((model) => completed(typeof model === "string" ? { id: model } : model, dialect));
  const byUpstream = new Map<string, ModelCard>();
  for (const card of named ?? []) {
    const name = card.upstream ?? card.id;
    if (!byUpstream.has(name)) byUpstream.set(name, card);
  }
  return {
    named,
    forUpstream: (name) => byUpstream.get(name) ?? completed({ id: name }, dialect),
  };
}

/** The family of a card's model, by the upstream's name or, where that says nothing (an Azure deployment), by our own. */
export const cardFamily = (card: ModelCard): Family => familyOf(documentedName(card));

function documentedName({ id, upstream }: ModelCard): string {
  return upstream !== undefined && familyOf(upstream) !== "other" ? upstream : id;
}
