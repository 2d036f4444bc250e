import type { ModelCard, Op } from "../ports";

/** OpenAI's model object, with the kinds of requests that the model serves; `alias_of` where the id stands for another model of ours. */
export interface ModelObject {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: string;
  readonly ops: readonly Op[];
  readonly alias_of?: string;
}

/** Every id a client may write, aliases included, each once. */
export function toModelObjects(cards: readonly ModelCard[]): readonly ModelObject[] {
  const byId = new Map<string, ModelObject>();
  for (const card of cards) {
    const shared = {
      object: "model",
      created: card.created ?? 0,
      owned_by: card.ownedBy ?? "gateway",
      ops: card.ops ?? ["generate"],
    } as const;
    if (!byId.has(card.id)) byId.set(card.id, { id: card.id, ...shared });
    for (const alias of card.aliases ?? []) {
      if (!byId.has(alias)) byId.set(alias, { id: alias, ...shared, alias_of: card.id });
    }
  }
  return [...byId.values()];
}
