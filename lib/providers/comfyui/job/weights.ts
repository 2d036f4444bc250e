import { feeding, type Graph, type GraphNode, leaves } from "../workflow/graph";
import { phaseOf } from "../workflow/node-kinds";

/** How much of a run a node takes, compared with one step of a sampler. */
const DECODE = 1;
const LOAD = 0.5;
const ENCODE = 0.2;
const OTHER = 0.1;
const DEFAULT_STEPS = 20;

/** What a node adds to the whole; `steps` where it works in steps that are worth counting. */
export interface Weight {
  readonly weight: number;
  readonly steps?: number;
}

/** Weighs the nodes that will run: those which some end of the graph needs. */
export function weigh(graph: Graph, filled: Readonly<Record<string, unknown>>): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  const visit = (node: GraphNode) => {
    if (weights.has(node.id)) return;
    weights.set(node.id, weightOf(node, filled));
    for (const source of feeding(node, graph)) visit(source);
  };
  for (const end of leaves(graph)) visit(end);
  return weights;
}

function weightOf(node: GraphNode, filled: Readonly<Record<string, unknown>>): Weight {
  const phase = phaseOf(node, false);
  if (phase === "sampling") {
    const steps = stepsOf(inputsOf(filled[node.id]) ?? node.inputs);
    return { weight: steps, steps };
  }
  if (phase === "decoding") return { weight: DECODE };
  if (/Load/.test(node.classType)) return { weight: LOAD };
  return { weight: /Encode/.test(node.classType) ? ENCODE : OTHER };
}

/** KSamplerAdvanced does only a part of its steps. */
function stepsOf(inputs: Readonly<Record<string, unknown>>): number {
  const steps = positive(inputs["steps"]) ?? DEFAULT_STEPS;
  const start = positive(inputs["start_at_step"]) ?? 0;
  const end = Math.min(positive(inputs["end_at_step"]) ?? steps, steps);
  return Math.max(1, end - start);
}

const positive = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;

const inputsOf = (node: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof node === "object" && node !== null && "inputs" in node && isRecord(node.inputs)
    ? node.inputs
    : undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
