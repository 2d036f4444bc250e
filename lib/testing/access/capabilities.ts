import { deepEqual, equal, notEqual } from "node:assert/strict";

import type {
  CapabilityCheck,
  CapabilityQuestion,
  CapabilityResolver,
  MaybePromise,
  Principal,
} from "../../ports";
import { allEnd, within } from "../patience";
import type { TestRunner } from "../test-runner";
import { HOSTILE_NAMES } from "./hostile-names";

export interface CapabilitiesUnderTest<P extends Principal = Principal> {
  readonly capabilities: CapabilityResolver<P> | CapabilityCheck<P>;
  /** Holds `granted`. */
  readonly holder: P;
  /** Does not. */
  readonly other: P;
  /**
   * The capability in question.
   *
   * @default "images"
   */
  readonly granted?: string;
  /** A model that the holder may use, where that plays a part. */
  readonly model?: string;
}

/** How `testCapabilities` comes by the resolvers it tests. */
export interface CapabilitiesSubject<P extends Principal = Principal> {
  /** Makes a fresh resolver; called for every test. */
  create(): MaybePromise<CapabilitiesUnderTest<P>>;
  /** Called after every test. */
  dispose?(made: CapabilitiesUnderTest<P>): MaybePromise<void>;
  /**
   * How long an answer may take, in milliseconds.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
}

interface Bench<P extends Principal> {
  readonly holder: P;
  readonly other: P;
  readonly granted: string;
  /** What the resolver is asked along with a capability, from nothing known to all known. */
  readonly questions: readonly Omit<CapabilityQuestion, "signal">[];
  ask(who: P, capability: string, about?: Partial<CapabilityQuestion>): Promise<unknown>;
}

const PATIENCE_MS = 5_000;

/**
 * Proves that a host's resolver keeps the rules of {@link CapabilityResolver}, as far as a resolver can break them. Each title begins
 * with the number of its rule.
 *
 * @param runner the two functions of a test runner, such as those of Jest or `node:test`
 * @example
 * ```ts
 * testCapabilities({ describe, it }, {
 *   create: () => ({
 *     capabilities: { has: (who, capability) => who.grants.has(capability) },
 *     holder: { id: "ann", grants: new Set(["images"]) },
 *     other: { id: "bob", grants: new Set() },
 *   }),
 * });
 * ```
 */
export function testCapabilities<P extends Principal>(
  { describe, it }: TestRunner,
  subject: CapabilitiesSubject<P>,
): void {
  const test = (title: string, body: (bench: Bench<P>) => Promise<void>) =>
    it(title, () => onBench(subject, body));

  describe("the rules of a capability resolver", () => {
    test("1. it gives the same answer whenever it is asked, and to many at once", async (bench) => {
      const { holder, other, granted, ask } = bench;
      for (let time = 0; time < 3; time++) equal(await ask(holder, granted), true);
      const asked = Array.from({ length: 50 }, (_, nth) => (nth % 3 === 0 ? holder : other));
      const answers = await Promise.all(asked.map((who) => ask(who, granted)));
      deepEqual(
        answers.map((answer) => answer === true),
        asked.map((who) => who === holder),
      );
    });

    test("2. who holds a capability gets true", async ({ holder, granted, questions, ask }) => {
      for (const about of questions) equal(await ask(holder, granted, about), true);
    });

    test("2. who does not hold it never gets true", async ({ other, granted, questions, ask }) => {
      for (const about of questions) notEqual(await ask(other, granted, about), true);
    });

    test("2. answers are true or false", async ({ holder, other, granted, questions, ask }) => {
      for (const who of [holder, other]) {
        for (const about of questions) equal(typeof (await ask(who, granted, about)), "boolean");
      }
    });

    test("3. whoever has gone is not kept waiting", async ({ holder, granted, ask }) => {
      const leaving = new AbortController();
      const asked = [AbortSignal.abort(), leaving.signal].map((signal) => ask(holder, granted, { signal }));
      leaving.abort();
      await allEnd(asked);
    });

    test("4. a capability that nobody knows is denied", async ({ holder, granted, ask }) => {
      const near = [granted.toUpperCase(), ` ${granted}`, `${granted}x`, granted.slice(0, -1)];
      for (const capability of [...HOSTILE_NAMES, ...near]) {
        if (capability !== granted) notEqual(await ask(holder, capability), true);
      }
    });
  });
}

async function onBench<P extends Principal>(
  subject: CapabilitiesSubject<P>,
  body: (bench: Bench<P>) => Promise<void>,
): Promise<void> {
  const made = await subject.create();
  const { capabilities, holder, other, granted = "images", model } = made;
  const has: CapabilityCheck<P> =
    typeof capabilities === "function" ? capabilities : (...asked) => capabilities.has(...asked);
  const ask: Bench<P>["ask"] = (who, capability, about = {}) => {
    const question = { signal: new AbortController().signal, ...about };
    return within(
      subject.patienceMs ?? PATIENCE_MS,
      "an answer of the resolver",
      (async () => has(who, capability, question))(),
    );
  };
  const known = model === undefined ? [] : [{ model }, { op: "generate", model } as const];
  const questions = [{}, { op: "generate" } as const, ...known];
  try {
    await body({ holder, other, granted, questions, ask });
  } finally {
    await subject.dispose?.(made);
  }
}
