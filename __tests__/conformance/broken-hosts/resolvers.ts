import { setImmediate as turn } from "node:timers/promises";

import type { CapabilityCheck, Principal } from "../../../lib/ports";

export interface Member extends Principal {
  readonly grants: readonly string[];
}

export const ANN: Member = { id: "ann", grants: ["images"] };
export const BOB: Member = { id: "bob", grants: ["audio"] };

/** Keeps all rules. */
export const has: CapabilityCheck<Member> = async (who, capability) => {
  await turn();
  return who.grants.includes(capability);
};

/** A resolver that breaks one rule, and one only. */
export interface BrokenResolver {
  readonly rule: number;
  readonly how: string;
  readonly create: () => CapabilityCheck<Member>;
}

const broken = (rule: number, how: string, create: () => CapabilityCheck<Member>): BrokenResolver => ({
  rule,
  how,
  create,
});

const never = new Promise<never>(() => {});

export const brokenResolvers: readonly BrokenResolver[] = [
  broken(1, "the last who asked is answered for all", () => {
    let last: Member | undefined;
    return async (who, capability) => {
      last = who;
      await turn();
      return last.grants.includes(capability);
    };
  }),
  broken(2, "a model is denied to those who may use it", () => (who, capability, { model }) => {
    return model === undefined && who.grants.includes(capability);
  }),
  broken(2, "what is asked for with an op is allowed to all", () => (who, capability, { op }) => {
    return (op !== undefined && capability === "images") || who.grants.includes(capability);
  }),
  broken(2, "no is said with nothing", () => (who, capability) => {
    return who.grants.includes(capability) || JSON.parse("null");
  }),
  broken(3, "whoever has gone waits for ever", () => async (who, capability, { signal }) => {
    await turn();
    return signal.aborted ? never : who.grants.includes(capability);
  }),
  broken(4, "an unknown capability throws", () => (who, capability) => {
    if (!["images", "audio"].includes(capability)) throw new Error("unknown");
    return who.grants.includes(capability);
  }),
  broken(4, "a plain object is the table", () => (who, capability) => {
    const table: Readonly<Record<string, boolean>> = Object.fromEntries(
      who.grants.map((each) => [each, true]),
    );
    return Boolean(table[capability]);
  }),
  broken(4, "the beginning of a capability will do", () => (who, capability) => {
    return who.grants.some((each) => each.startsWith(capability));
  }),
];
