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

const CARDS_TTL_MS = 60_000;
const MODELS_LIMIT_MS = 10_000;

interface Shelf {
  cards: readonly ModelCard[] | undefined;
  fetchedAt: number;
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
 * Cards are kept for a minute; a provider that cannot tell its models keeps the last known ones and never breaks the others.
 */
export function arrayRegistry<P extends Principal>(options: ArrayRegistryOptions): ProviderRegistry<P> {
  const { providers, clock, log } = options;
  const shelves = new Map<ImageProvider, Shelf>();

  const fetchCards = async (provider: ImageProvider, shelf: Shelf) => {
    try {
      shelf.cards = await withDeadline(MODELS_LIMIT_MS, undefined, (signal) =>
        provider.models(options.probe(signal)),
      );
      shelf.fetchedAt = clock();
    } catch (error) {
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
      shelf = { cards: undefined, fetchedAt: 0, pending: undefined };
      shelves.set(provider, shelf);
    }
    if (shelf.cards !== undefined && clock() - shelf.fetchedAt < CARDS_TTL_MS) return shelf.cards;
    shelf.pending ??= fetchCards(provider, shelf);
    return shelf.pending;
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
          if (!byId.has(card.id)) byId.set(card.id, { ownedBy: provider.id, ...card });
        }
      }
      return [...byId.values()];
    },
  };
}

const serves = (card: ModelCard, model: string, op: Op): boolean =>
  (card.id === model || (card.aliases?.includes(model) ?? false)) && (card.ops ?? ["generate"]).includes(op);
