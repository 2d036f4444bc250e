import { withDeadline } from "../internal/deadline";
import type {
  Candidate,
  Clock,
  ImageProvider,
  Logger,
  ModelCard,
  Op,
  Principal,
  ProbeContext,
  ProviderRegistry,
} from "../ports";
import { GatewayError } from "../ports";
import { describeError } from "./describe-error";
import { usableCards } from "./usable-cards";

const CARDS_TTL_MS = 60_000;
const RETRY_MS = 5_000;
/** Well below what a request waits for its registry: a silent provider must not make the others unreachable. */
const MODELS_LIMIT_MS = 5_000;

interface Shelf {
  cards: readonly ModelCard[] | undefined;
  /** Epoch milliseconds. */
  askAgainAt: number;
  isFailing: boolean;
  pending: Promise<readonly ModelCard[] | undefined> | undefined;
}

export interface ArrayRegistryOptions {
  readonly providers: readonly ImageProvider[];
  readonly probe: (signal: AbortSignal) => ProbeContext;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The embedded registry: every provider of the array, in that order, for every principal.
 * Cards are kept for a minute. A provider that cannot tell its models keeps the last known ones and never breaks the others:
 * from its first failure until it answers again nobody waits for it.
 */
export function arrayRegistry<P extends Principal>(options: ArrayRegistryOptions): ProviderRegistry<P> {
  const { providers, clock, log } = options;
  const shelves = new Map<ImageProvider, Shelf>();

  const fetchCards = async (provider: ImageProvider, shelf: Shelf) => {
    try {
      const cards = await withDeadline(MODELS_LIMIT_MS, undefined, (signal) =>
        provider.models(options.probe(signal)),
      );
      shelf.cards = usableCards(cards, provider.id, log);
      shelf.isFailing = false;
      shelf.askAgainAt = clock() + CARDS_TTL_MS;
    } catch (error) {
      shelf.isFailing = true;
      shelf.askAgainAt = clock() + RETRY_MS;
      log.warn({ provider: provider.id, ...describeError(error) }, "a provider could not tell its models");
    } finally {
      shelf.pending = undefined;
    }
    return shelf.cards;
  };

  /** `undefined`: the provider has never been able to tell. */
  const cardsOf = async (provider: ImageProvider): Promise<readonly ModelCard[] | undefined> => {
    let shelf = shelves.get(provider);
    if (shelf === undefined) {
      shelf = {
        cards: undefined,
        askAgainAt: Number.NEGATIVE_INFINITY,
        isFailing: false,
        pending: undefined,
      };
      shelves.set(provider, shelf);
    }
    if (clock() >= shelf.askAgainAt) shelf.pending ??= fetchCards(provider, shelf);
    return shelf.isFailing ? shelf.cards : (shelf.pending ?? shelf.cards);
  };

  const allCards = () =>
    Promise.all(providers.map(async (provider) => ({ provider, cards: await cardsOf(provider) })));

  return {
    async candidates({ model, op }) {
      const found: Candidate[] = [];
      let silent = false;
      for (const { provider, cards } of await allCards()) {
        if (cards === undefined) silent = true;
        const card = cards?.find((each) => serves(each, model, op));
        if (card !== undefined) found.push({ provider, card });
      }
      if (found.length === 0 && silent) {
        throw new GatewayError("provider_unavailable", "The list of models is incomplete right now.", {
          retryAfterSeconds: 5,
        });
      }
      return found;
    },

    async list() {
      const byId = new Map<string, ModelCard>();
      for (const { provider, cards } of await allCards()) {
        for (const card of cards ?? []) {
          const known = byId.get(card.id);
          byId.set(
            card.id,
            known === undefined ? { ownedBy: provider.id, ...card } : withAliasesOf(known, card),
          );
        }
      }
      return [...byId.values()];
    },
  };
}

/** Several providers may serve one model: what any of them answers to is shown. */
const withAliasesOf = (card: ModelCard, other: ModelCard): ModelCard => ({
  ...card,
  aliases: [...new Set([...(card.aliases ?? []), ...(other.aliases ?? [])])],
});

const serves = (card: ModelCard, model: string, op: Op): boolean =>
  (card.id === model || (card.aliases?.includes(model) ?? false)) && (card.ops ?? ["generate"]).includes(op);
