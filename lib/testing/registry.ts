import { deepEqual, equal, ok } from "node:assert/strict";

import type { Candidate, MaybePromise, ModelCard, Op, Principal, ProviderRegistry } from "../ports";
import { allEnd, within } from "./patience";
import type { TestRunner } from "./test-runner";

export interface RegistryUnderTest<P extends Principal = Principal> {
  readonly registry: ProviderRegistry<P>;
  /** Sees at least one model. */
  readonly principal: P;
  /** Sees others, or none. Absent: all principals see the same. */
  readonly other?: P;
}

/** How `testRegistry` comes by the registries it tests. */
export interface RegistrySubject<P extends Principal = Principal> {
  /** Makes a fresh registry; called for every test. */
  create(): MaybePromise<RegistryUnderTest<P>>;
  /** Called after every test. */
  dispose?(made: RegistryUnderTest<P>): MaybePromise<void>;
  /**
   * How long an answer may take, in milliseconds.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
}

interface Bench<P extends Principal> extends RegistryUnderTest<P> {
  /** What a principal is shown; by default the one who sees something. */
  list(who?: P, signal?: AbortSignal): Promise<readonly ModelCard[]>;
  candidates(model: string, op?: Op, who?: P, signal?: AbortSignal): Promise<readonly Candidate[]>;
}

const PATIENCE_MS = 5_000;
const OPS: readonly Op[] = ["generate", "edit", "variation"];

const opsOf = (card: ModelCard): readonly Op[] => card.ops ?? ["generate"];
const idsOf = ({ id, aliases = [] }: ModelCard): readonly string[] => [id, ...aliases];

/**
 * Proves that a registry keeps the rules of {@link ProviderRegistry}. Each title begins with the number of its rule.
 *
 * @param runner the two functions of a test runner, such as those of Jest or `node:test`
 * @example
 * ```ts
 * testRegistry({ describe, it }, {
 *   create: () => ({ registry: tenants(database), principal: { id: "ann" }, other: { id: "bob" } }),
 * });
 * ```
 */
export function testRegistry<P extends Principal>(
  { describe, it }: TestRunner,
  subject: RegistrySubject<P>,
): void {
  const test = (title: string, body: (bench: Bench<P>) => Promise<void>) =>
    it(title, () => onBench(subject, body));

  describe("the rules of a registry", () => {
    test("1. candidates can serve what is asked for", async ({ list, candidates }) => {
      for (const id of (await list()).flatMap(idsOf)) {
        for (const op of OPS) {
          for (const { provider, card } of await candidates(id, op)) {
            equal(typeof provider.run, "function");
            ok(idsOf(card).includes(id), `the card of a candidate is that of ${id}`);
            ok(opsOf(card).includes(op), `the card of a candidate offers ${op}`);
          }
        }
      }
    });

    test("1. a model that is not there has no candidates", async ({ candidates }) => {
      for (const op of OPS) deepEqual(await candidates("a-model-that-nobody-has", op), []);
    });

    test("1. the order of preference does not change by itself", async ({ list, candidates }) => {
      for (const id of (await list()).flatMap(idsOf)) {
        const orders = [await candidates(id), await candidates(id)].map(namesOf);
        deepEqual(orders[0], orders[1]);
      }
    });

    test("2. what is shown can be asked for, by every id", async ({ list, candidates }) => {
      const shown = await list();
      ok(shown.length > 0, "the principal sees a model");
      for (const card of shown) {
        for (const id of idsOf(card)) {
          const found = await Promise.all(opsOf(card).map((op) => candidates(id, op)));
          ok(found.flat().length > 0, `${id} is shown and has no candidates`);
        }
      }
    });

    test("2. what is hidden cannot be asked for", async ({ principal, other, list, candidates }) => {
      if (other === undefined) return;
      for (const [one, another] of [
        [principal, other],
        [other, principal],
      ] as const) {
        const shown = new Set((await list(another)).flatMap(idsOf));
        const hidden = (await list(one)).flatMap(idsOf).filter((id) => !shown.has(id));
        for (const id of hidden) {
          for (const op of OPS) deepEqual(await candidates(id, op, another), []);
        }
      }
    });

    test("3. ids are compared exactly", async ({ list, candidates }) => {
      const ids = (await list()).flatMap(idsOf);
      const near = ids.flatMap((id) => [id.toUpperCase(), ` ${id}`, `${id} `, `${id}x`, id.slice(0, -1), ""]);
      for (const id of near.filter((each) => !ids.includes(each))) deepEqual(await candidates(id), []);
    });

    test("3. names that every object knows are unknown ids", async ({ list, candidates }) => {
      const ids = (await list()).flatMap(idsOf);
      for (const id of ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"]) {
        if (!ids.includes(id)) deepEqual(await candidates(id), []);
      }
    });

    test("4. answers at the same time do not mix", async (bench) => {
      const { principal, other = principal, list, candidates } = bench;
      const alone: string[][] = [];
      for (const who of [principal, other]) alone.push((await list(who)).map(({ id }) => id));
      const asked = Array.from({ length: 20 }, (_, nth) => nth % 2);
      const together = await Promise.all(asked.map((nth) => list(nth === 0 ? principal : other)));
      deepEqual(
        together.map((cards) => cards.map(({ id }) => id)),
        asked.map((nth) => alone[nth]),
      );
      const ids = alone.flat();
      const apart: string[][] = [];
      for (const id of ids) apart.push(namesOf(await candidates(id)).sort());
      const found = await Promise.all(ids.map((id) => candidates(id)));
      deepEqual(
        found.map((each) => namesOf(each).sort()),
        apart,
      );
    });

    test("5. whoever has gone is not kept waiting", async ({ principal, list, candidates }) => {
      const leaving = new AbortController();
      const asked = [AbortSignal.abort(), leaving.signal].flatMap<Promise<unknown>>((signal) => [
        list(principal, signal),
        candidates("any", "generate", principal, signal),
      ]);
      leaving.abort();
      await allEnd(asked);
    });
  });
}

const namesOf = (candidates: readonly Candidate[]): string[] =>
  candidates.map(({ provider, card }) => `${provider.id} ${card.id}`);

async function onBench<P extends Principal>(
  subject: RegistrySubject<P>,
  body: (bench: Bench<P>) => Promise<void>,
): Promise<void> {
  const made = await subject.create();
  const { registry, principal } = made;
  const soon = <T>(work: () => MaybePromise<T>): Promise<T> =>
    within(subject.patienceMs ?? PATIENCE_MS, "an answer of the registry", (async () => work())());
  const never = new AbortController().signal;
  try {
    await body({
      ...made,
      list: (who = principal, signal = never) => soon(() => registry.list({ principal: who, signal })),
      candidates: (model, op = "generate", who = principal, signal = never) =>
        soon(() => registry.candidates({ model, op, principal: who, signal })),
    });
  } finally {
    await subject.dispose?.(made);
  }
}
