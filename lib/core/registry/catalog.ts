import type { Candidate, ModelCard, Principal } from "../../ports";
import type { ModelOptions, ModelRoute } from "./model-options";
import type { Stock } from "./shelves";

/** A model at one provider, as clients know it. */
export interface Offer extends Candidate {
  readonly weight: number | undefined;
  /** Its place in the order of preference: that of its provider, or of its route. */
  readonly rank: number;
}

/** Every name that clients may write, and who serves it. */
export interface Catalog {
  /** In order of preference. */
  offers(name: string): readonly Offer[];
  /** The offers of each model under its own id: what a list is made of. */
  readonly models: readonly (readonly Offer[])[];
  /** A provider that has not told its models yet may serve this name. */
  mayBeMissing(name: string): boolean;
}

type Naming = Pick<ModelOptions<Principal>, "aliases" | "routes">;

/** What the providers have, under the operator's names: the operator's routes and aliases win over ids and aliases of cards. */
export function createCatalog(stocks: readonly Stock[], { aliases = {}, routes = {} }: Naming): Catalog {
  const all: Offer[] = stocks.flatMap(({ provider, cards = [] }, rank) =>
    cards.map((card) => ({ provider, card, weight: undefined, rank })),
  );
  const silent = new Set(
    stocks.filter(({ cards }) => cards === undefined).map(({ provider }) => provider.id),
  );
  const ruled = new Set([...Object.keys(routes), ...Object.keys(aliases)]);

  /** By each id, the cards' own aliases not yet among them. */
  const models = new Map<string, Offer[]>();
  for (const offer of all) {
    if (!ruled.has(offer.card.id)) push(models, offer.card.id, withoutAliases(offer, ruled));
  }
  for (const [id, targets] of Object.entries(routes)) {
    models.set(
      id,
      targets.flatMap((target, rank) => routed(all, id, target, rank)),
    );
  }
  for (const [alias, id] of Object.entries(aliases)) {
    for (const [model, offers] of models) {
      models.set(
        model,
        offers.map((offer) => (answersTo(offer.card, id) ? withAlias(offer, alias) : offer)),
      );
    }
  }

  const names = new Map<string, Offer[]>();
  for (const offer of [...models.values()].flat()) {
    for (const name of [offer.card.id, ...(offer.card.aliases ?? [])]) push(names, name, offer);
  }
  for (const offers of names.values()) offers.sort((a, b) => a.rank - b.rank);

  return {
    offers: (name) => names.get(name) ?? [],
    models: [...models.values()],
    mayBeMissing(name) {
      const id = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
      const targets = Object.hasOwn(routes, id) ? routes[id] : undefined;
      if (targets === undefined) return silent.size > 0;
      return targets.some((target) => silent.has(routeOf(target).provider));
    },
  };
}

const routeOf = (target: string | ModelRoute): ModelRoute =>
  typeof target === "string" ? { provider: target } : target;

/** The target's card under the routed id; nothing when its provider does not have the model. */
function routed(all: readonly Offer[], id: string, target: string | ModelRoute, rank: number): Offer[] {
  const { provider, model = id, weight } = routeOf(target);
  const found = all.find((offer) => offer.provider.id === provider && answersTo(offer.card, model));
  if (found === undefined) return [];
  const { aliases, ...card } = found.card;
  return [
    {
      provider: found.provider,
      weight,
      rank,
      card: { ...card, id, upstream: found.card.upstream ?? found.card.id },
    },
  ];
}

const answersTo = ({ id, aliases }: ModelCard, name: string): boolean =>
  id === name || (aliases?.includes(name) ?? false);

/** A name that the operator has given to another model is no longer this card's. */
function withoutAliases(offer: Offer, ruled: ReadonlySet<string>): Offer {
  const { aliases } = offer.card;
  if (aliases === undefined || !aliases.some((alias) => ruled.has(alias))) return offer;
  return { ...offer, card: { ...offer.card, aliases: aliases.filter((alias) => !ruled.has(alias)) } };
}

const withAlias = (offer: Offer, alias: string): Offer => ({
  ...offer,
  card: { ...offer.card, aliases: [...(offer.card.aliases ?? []), alias] },
});

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
