import type { Target } from "./bindings";
import { type Graph, type GraphNode, isLink } from "./graph";

/** Text inputs that belong together: the encoder reads the same words through each. */
const TEXT_GROUPS: readonly (readonly string[])[] = [
  ["text_g", "text_l"],
  ["clip_l", "t5xxl"],
  ["clip_l", "clip_g", "t5xxl"],
  ["clip_g", "clip_l"],
];
const TEXT_NAMES = ["text", "prompt", "value", "string"];
const MAX_HOPS = 8;

/** The inputs by which a node takes words; `[]` when that is not clear. Follows a link to where the words stand. */
export function textInputs(node: GraphNode, graph: Graph, hops = MAX_HOPS): Target[] {
  const texts = Object.keys(node.inputs).filter((name) => typeof node.inputs[name] === "string");
  const group = TEXT_GROUPS.findLast((names) => names.every((name) => texts.includes(name)));
  if (group !== undefined) return group.map((input) => ({ node: node.id, input }));
  const named =
    TEXT_NAMES.find((name) => texts.includes(name)) ?? (texts.length === 1 ? texts[0] : undefined);
  if (named !== undefined) return [{ node: node.id, input: named }];
  const source = linked(node, TEXT_NAMES, graph);
  return source === undefined || hops === 0 ? [] : textInputs(source, graph, hops - 1);
}

/** The input of one of these names that holds a number, or the number that feeds it. */
export function numberInput(node: GraphNode, names: readonly string[], graph: Graph): Target | undefined {
  const own = names.find((name) => typeof node.inputs[name] === "number");
  if (own !== undefined) return { node: node.id, input: own };
  const source = linked(node, names, graph);
  if (source === undefined) return undefined;
  const numbers = Object.keys(source.inputs).filter((name) => typeof source.inputs[name] === "number");
  const [only] = numbers;
  return only !== undefined && numbers.length === 1 ? { node: source.id, input: only } : undefined;
}

function linked(node: GraphNode, names: readonly string[], graph: Graph): GraphNode | undefined {
  const link = names.map((name) => node.inputs[name]).find(isLink);
  return link && graph.get(link[0]);
}

/**
 * The nodes that encode the words which reach `start.input`, through whatever conditions them on the way.
 *
 * @see nodes with both sides (ControlNetApplyAdvanced) give the positive one first.
 */
export function encoders(start: GraphNode, input: string, graph: Graph, hops = 32): GraphNode[] {
  const link = start.inputs[input];
  if (!isLink(link) || hops === 0) return [];
  const source = graph.get(link[0]);
  if (source === undefined) return [];
  const conditions = Object.keys(source.inputs).filter(
    (name) => isLink(source.inputs[name]) && CONDITION.test(name),
  );
  if (conditions.length === 0) return textInputs(source, graph).length > 0 ? [source] : [];
  const sides = conditions.includes("positive") && conditions.includes("negative");
  const followed = sides ? [link[1] === 0 ? "positive" : "negative"] : conditions;
  return followed.flatMap((name) => encoders(source, name, graph, hops - 1));
}

const CONDITION = /^(?:positive|negative|conditioning\w*)$/;
