import type { Op } from "../ports";
import { checkNames, fail } from "./options-check";

export type OnDisconnect = "cancel" | "finish";

const OPS: readonly Op[] = ["generate", "edit", "variation"];

/** @throws TypeError naming the option and the remedy */
export function checkOnDisconnect(
  given: OnDisconnect | Readonly<Partial<Record<Op, OnDisconnect>>> | undefined,
): Readonly<Partial<Record<Op, OnDisconnect>>> {
  const remedy = "must be 'cancel', 'finish', or an object of these for 'generate', 'edit' and 'variation'";
  const wish = (value: OnDisconnect): OnDisconnect =>
    value === "cancel" || value === "finish" ? value : fail("onDisconnect", remedy);
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) {
    const all = wish(given);
    return { generate: all, edit: all, variation: all };
  }
  checkNames(given, OPS, "onDisconnect");
  const wishes: Partial<Record<Op, OnDisconnect>> = {};
  for (const op of OPS) {
    const value = given[op];
    if (value !== undefined) wishes[op] = wish(value);
  }
  return wishes;
}
