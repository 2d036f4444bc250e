import { andThen } from "../../internal/and-then";
import type {
  Candidate,
  Clock,
  ImageProvider,
  Logger,
  MaybePromise,
  ModelCard,
  Op,
  Principal,
  ProbeContext,
} from "../../ports";
import { GatewayError, type ProviderRegistry } from "../../ports";
import { type Catalog, createCatalog, type Offer } from "./catalog";
import { draw } from "./draw";
import type { ModelOptions } from "./model-options";
import { createShelves, type Stock } from "./shelves";

export interface ArrayRegistryOptions<P extends Principal> {
  readonly providers: readonly ImageProvider[];
  readonly models?: ModelOptions<P>;
  readonly probe: (signal: AbortSignal) => ProbeContext;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the chance of weights comes from, 0 … below 1. Default `Math.random`. */
  readonly random?: () => number;
}

const CACHE_SECONDS = 60;

/** The embedded registry: every provider of the array, in that order, under the names and to the principals that the operator says. */
export function arrayRegistry<P extends Principal>(options: ArrayRegistryOptions<P>): ProviderRegistry<P> {
  const { models = {}, random = Math.random } = options;
  const { visible, cacheSeconds = CACHE_SECONDS } = models;
  const stocks = createShelves({ ...options, ttlMs: cacheSeconds * 1000 });
  const catalogOf = remembered((current) => createCatalog(current, models));

  type About = { readonly principal: P; readonly signal: AbortSignal };
  const shown = (offers: readonly Offer[], about: About): MaybePromise<readonly Offer[]> => {
    if (visible === undefined) return offers;
    const { principal, signal } = about;
    // Each a promise: one that throws must not leave the rejections of others to nobody.
    const verdicts = offers.map(async ({ card, provider }) =>
      visible(card, { provider: provider.id, principal, signal }),
    );
    return Promise.all(verdicts).then((all) => offers.filter((_, index) => all[index] === true));
  };

  return {
    candidates(query) {
      const { model, op } = query;
      return andThen(stocks(), (current) => {
        const catalog = catalogOf(current);
        const offers = catalog.offers(model).filter(({ card }) => serves(card, op));
        return andThen(shown(offers, query), (found): readonly Candidate[] => {
          // Asked of what is shown: a hidden model and an unknown one look alike at all times.
          if (found.length === 0 && catalog.mayBeMissing(model)) throw incomplete();
          return draw(found, random).map(({ provider, card }) => ({ provider, card }));
        });
      });
    },

    async list(about) {
      const { models: all } = catalogOf(await stocks());
      const lists = await Promise.all(all.map((offers) => shown(offers, about)));
      return lists.flatMap((offers) => listed(offers));
    },

    provider: (id) => options.providers.find((provider) => provider.id === id),
  };
}

const incomplete = (): GatewayError =>
  new GatewayError("provider_unavailable", "The list of models is incomplete right now.", {
    retryAfterSeconds: 5,
  });

/** Several providers may serve one model: the first describes it, and what any of them answers to and serves is shown. */
function listed([first, ...others]: readonly Offer[]): ModelCard[] {
  if (first === undefined) return [];
  const ops = new Set([first, ...others].flatMap((offer) => opsOf(offer.card)));
  const card = { ownedBy: first.provider.id, ...first.card, ops: [...ops] };
  const aliases = new Set([first, ...others].flatMap((offer) => offer.card.aliases ?? []));
  return [aliases.size === 0 ? card : { ...card, aliases: [...aliases] }];
}

const opsOf = ({ ops = ["generate"] }: ModelCard): readonly Op[] => ops;

const serves = (card: ModelCard, op: Op): boolean => opsOf(card).includes(op);

/** The catalog is made anew only when a provider has told something else. */
function remembered(make: (stocks: readonly Stock[]) => Catalog): (stocks: readonly Stock[]) => Catalog {
  let known: { readonly stocks: readonly Stock[]; readonly catalog: Catalog } | undefined;
  return (stocks) => {
    if (known?.stocks.every(({ cards }, index) => cards === stocks[index]?.cards)) return known.catalog;
    known = { stocks, catalog: make(stocks) };
    return known.catalog;
  };
}
