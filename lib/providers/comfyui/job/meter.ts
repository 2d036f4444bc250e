import {
  isObject,
  type JsonObject,
  listMember,
  member,
  numberMember,
  objectMember,
  textMember,
} from "../../../internal/json-shape";
import type { Phase, Progress } from "../../../ports/provider";
import type { Graph } from "../workflow/graph";
import { phaseOf } from "../workflow/node-kinds";
import { type Weight, weigh } from "./weights";

/** Reads a run's messages into one rising number over the whole graph. */
export interface Meter {
  /** Takes a message in; true when it told something new. */
  take(type: string, data: JsonObject): boolean;
  /** How far the run is. Never falls, and stays below 1: only the finished pictures are all of it. */
  reading(): Progress;
}

const MOST = 0.99;

export function createMeter(
  graph: Graph,
  filled: Readonly<Record<string, unknown>>,
  outputId: string,
): Meter {
  const weights = weigh(graph, filled);
  /** 0 … 1 of each node. */
  const shares = new Map<string, number>();
  let phase: Phase = "queued";
  let fraction = 0;

  /** A node that another one has put up at run time counts for the one that the author sees. */
  const known = (...ids: (string | undefined)[]) => ids.find((id) => id !== undefined && weights.has(id));

  function raise(id: string | undefined, share: number): void {
    if (id === undefined || !Number.isFinite(share)) return;
    shares.set(id, Math.max(shares.get(id) ?? 0, Math.min(1, share)));
  }

  function enter(id: string | undefined): void {
    const node = id === undefined ? undefined : graph.get(id);
    phase = (node && phaseOf(node, node.id === outputId)) ?? (phase === "queued" ? "loading" : phase);
  }

  /** The snapshot names every node that has begun, which heals what was missed. */
  function takeState(data: JsonObject): void {
    for (const [key, state] of Object.entries(objectMember(data, "nodes"))) {
      const id = known(key);
      const name = textMember(state, "state");
      if (name === "finished") raise(id, 1);
      else raise(id, shareOf(state));
      if (name === "running") enter(known(key, textMember(state, "display_node_id")));
    }
  }

  /** Work that is not done again would let a run begin in the middle: it is taken out of the whole. */
  function takeCached(data: JsonObject): void {
    for (const id of listMember(data, "nodes")) if (typeof id === "string") weights.delete(id);
  }

  function takeExecuting(data: JsonObject): void {
    const id = textMember(data, "node");
    if (id === undefined) return;
    // One node at a time: whichever was begun before is done.
    for (const [begun, share] of shares) if (begun !== id && share >= 0) shares.set(begun, 1);
    raise(known(id), 0);
    enter(known(id, textMember(data, "display_node")));
  }

  return {
    take(type, data) {
      const before = `${phase} ${[...shares.values()].join()}`;
      if (type === "execution_start") enter(undefined);
      else if (type === "execution_cached") takeCached(data);
      else if (type === "progress_state") takeState(data);
      else if (type === "executing") takeExecuting(data);
      else if (type === "progress") raise(known(textMember(data, "node")), shareOf(data));
      else return false;
      return before !== `${phase} ${[...shares.values()].join()}`;
    },
    reading() {
      const entries = [...weights];
      const whole = total(entries.map(([, { weight }]) => weight));
      const done = total(entries.map(([id, { weight }]) => weight * (shares.get(id) ?? 0)));
      if (whole > 0) fraction = Math.max(fraction, Math.min(MOST, done / whole));
      return { phase, fraction, ...stepsIn(entries, shares) };
    },
  };
}

/** Steps of all samplers together, so that a second one goes on counting where the first has ended. */
function stepsIn(
  weights: readonly (readonly [string, Weight])[],
  shares: ReadonlyMap<string, number>,
): Pick<Progress, "step" | "steps"> {
  const steps = total(weights.map(([, weight]) => weight.steps ?? 0));
  if (steps === 0) return {};
  const done = total(weights.map(([id, weight]) => (weight.steps ?? 0) * (shares.get(id) ?? 0)));
  return { step: Math.floor(done + 1e-6), steps };
}

/** `max` may be 0 or change; a value may be above it. */
function shareOf(state: unknown): number {
  const value = numberMember(state, "value") ?? 0;
  const max = numberMember(state, "max") ?? 0;
  return max > 0 && value > 0 ? value / max : 0;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** Is this the end of the run, whichever it was? */
export const isEnd = (type: string, data: unknown): boolean =>
  type === "executing" && isObject(data) && member(data, "node") === null;
