import { isPromise } from "../../internal/and-then";
import { withDeadline } from "../../internal/deadline";
import type { Clock, ImageProvider, Logger, MaybePromise, ModelCard, ProbeContext } from "../../ports";
import { describeError } from "../describe-error";
import { usableCards } from "./usable-cards";

const RETRY_MS = 5_000;
/** Well below what a request waits for its registry: a silent provider must not make the others unreachable. */
const MODELS_LIMIT_MS = 5_000;

/** What a provider offers; `undefined`: it has never been able to tell. */
export interface Stock {
  readonly provider: ImageProvider;
  readonly cards: readonly ModelCard[] | undefined;
}

export interface ShelvesOptions {
  readonly providers: readonly ImageProvider[];
  readonly probe: (signal: AbortSignal) => ProbeContext;
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Shelf {
  cards: readonly ModelCard[] | undefined;
  /** Epoch milliseconds. */
  askAgainAt: number;
  isFailing: boolean;
  pending: Promise<readonly ModelCard[] | undefined> | undefined;
}

/**
 * What each provider offers, asked for once in a while and once at a time. One that cannot tell keeps the cards it was last known by, and
 * never breaks the others: from its first failure until it answers again nobody waits for it.
 *
 * @returns the stocks in the order of the providers
 */
export function createShelves(options: ShelvesOptions): () => MaybePromise<readonly Stock[]> {
  const { clock, log, ttlMs } = options;
  const shelves = options.providers.map((provider) => ({ provider, shelf: emptyShelf() }));

  const restock = async (provider: ImageProvider, shelf: Shelf) => {
    try {
      const cards = await withDeadline(MODELS_LIMIT_MS, undefined, (signal) =>
        provider.models(options.probe(signal)),
      );
      shelf.cards = usableCards(cards, provider.id, log);
      shelf.isFailing = false;
      shelf.askAgainAt = clock() + ttlMs;
    } catch (error) {
      shelf.isFailing = true;
      shelf.askAgainAt = clock() + RETRY_MS;
      log.warn({ provider: provider.id, ...describeError(error) }, "a provider could not tell its models");
    } finally {
      shelf.pending = undefined;
    }
    return shelf.cards;
  };

  const cardsOf = (provider: ImageProvider, shelf: Shelf) => {
    if (clock() >= shelf.askAgainAt) shelf.pending ??= restock(provider, shelf);
    return shelf.isFailing ? shelf.cards : (shelf.pending ?? shelf.cards);
  };

  return () => {
    const found = shelves.map(({ provider, shelf }) => ({ provider, cards: cardsOf(provider, shelf) }));
    return found.every(isThere) ? found : Promise.all(found.map(arrived));
  };
}

interface Found {
  readonly provider: ImageProvider;
  readonly cards: MaybePromise<Stock["cards"]>;
}

const isThere = (found: Found): found is Stock => !isPromise(found.cards);

const arrived = async ({ provider, cards }: Found): Promise<Stock> => ({ provider, cards: await cards });

const emptyShelf = (): Shelf => ({
  cards: undefined,
  askAgainAt: Number.NEGATIVE_INFINITY,
  isFailing: false,
  pending: undefined,
});
