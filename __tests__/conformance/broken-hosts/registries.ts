import { setImmediate as turn } from "node:timers/promises";

import type { Candidate, ImageProvider, ModelCard, Principal, ProviderRegistry } from "../../../lib/ports";

export const ANN: Principal = { id: "ann" };
export const BOB: Principal = { id: "bob" };

const RED: ModelCard = { id: "red", aliases: ["crimson"] };
const BLUE: ModelCard = { id: "blue", ops: ["generate", "edit"] };
const GOLD: ModelCard = { id: "gold", ops: ["edit"] };

const provider = (id: string): ImageProvider => ({
  id,
  models: () => [],
  run: () => Promise.reject(new Error("not asked for here")),
});

const near = provider("near");
const far = provider("far");

const SHELVES: Readonly<Record<string, readonly Candidate[]>> = {
  ann: [
    { provider: near, card: RED },
    { provider: far, card: BLUE },
    { provider: near, card: BLUE },
  ],
  bob: [{ provider: far, card: GOLD }],
};

const shelfOf = ({ id }: Principal): readonly Candidate[] => SHELVES[id] ?? [];

const serves = (card: ModelCard, model: string): boolean =>
  card.id === model || (card.aliases?.includes(model) ?? false);

/** Two tenants with models of their own; keeps all rules. */
export const registry: ProviderRegistry = {
  candidates: async ({ model, op, principal }) =>
    shelfOf(principal).filter(({ card }) => serves(card, model) && (card.ops ?? ["generate"]).includes(op)),
  list: async ({ principal }) => [...new Set(shelfOf(principal).map(({ card }) => card))],
};

/** A registry that breaks one rule, and one only. */
export interface BrokenRegistry {
  readonly rule: number;
  readonly how: string;
  readonly create: () => ProviderRegistry;
}

const broken = (rule: number, how: string, spoil: () => Partial<ProviderRegistry>): BrokenRegistry => ({
  rule,
  how,
  create: () => ({ ...registry, ...spoil() }),
});

const never = new Promise<never>(() => {});

export const brokenRegistries: readonly BrokenRegistry[] = [
  broken(1, "any op will do", () => ({
    candidates: async ({ model, principal }) => shelfOf(principal).filter(({ card }) => serves(card, model)),
  })),
  broken(1, "cards come from another model", () => ({
    candidates: async (query) =>
      (await registry.candidates(query)).map((candidate) => ({ ...candidate, card: RED })),
  })),
  broken(1, "a long name is refused with an error", () => ({
    candidates: async (query) => {
      if (query.model.length > 20) throw new Error("too long");
      return registry.candidates(query);
    },
  })),
  broken(1, "providers take turns", () => {
    let times = 0;
    return {
      candidates: async (query) => {
        const found = await registry.candidates(query);
        times += 1;
        return times % 2 === 0 ? found.toReversed() : found;
      },
    };
  }),
  broken(2, "aliases are shown and not known", () => ({
    candidates: async (query) =>
      (await registry.candidates(query)).filter(({ card }) => card.id === query.model),
  })),
  broken(2, "whoever knows the name gets the model", () => ({
    candidates: async (query) =>
      [ANN, BOB].reduce<Promise<readonly Candidate[]>>(
        async (found, principal) => [
          ...(await found),
          ...(await registry.candidates({ ...query, principal })),
        ],
        Promise.resolve([]),
      ),
  })),
  broken(3, "case does not count", () => ({
    candidates: (query) => registry.candidates({ ...query, model: query.model.toLowerCase() }),
  })),
  broken(3, "spaces do not count", () => ({
    candidates: (query) => registry.candidates({ ...query, model: query.model.trim() }),
  })),
  broken(3, "a plain object is the table", () => ({
    candidates: async (query) => {
      const table: Readonly<Record<string, unknown>> = {};
      if (table[query.model] !== undefined) throw new TypeError("no list of candidates");
      return registry.candidates(query);
    },
  })),
  broken(4, "the last who asked is shown to all", () => {
    let last = ANN;
    return {
      list: async (query) => {
        last = query.principal;
        await turn();
        return registry.list({ ...query, principal: last });
      },
    };
  }),
  broken(5, "whoever has gone waits for ever", () => ({
    list: async (query) => {
      await turn();
      return query.signal.aborted ? never : registry.list(query);
    },
  })),
];
