import type { Binding, Field, Target } from "./bindings";
import { encoders, numberInput, textInputs } from "./find-inputs";
import { type Graph, type GraphNode, isLink } from "./graph";
import { isCanvas, isImageLoader, isMaskLoader } from "./node-kinds";

const SEED = ["seed", "noise_seed"];
const BATCH = ["batch_size", "amount", "value"];

/**
 * What can be told from titles (`prompt`, `negative`, `size`, `batch`, `seed`, `steps`, `cfg`, `image`, `mask`) and, where a field
 * has no title, from classes that leave no doubt. What stays in doubt is left out.
 */
export function conventionalBinding(field: Field, graph: Graph): Binding | undefined {
  const titled = [...graph.values()].filter(({ title }) => TITLES[field].test(title));
  const targets =
    titled.length > 0 ? titled.flatMap((node) => named(field, node, graph)) : unnamed(field, graph);
  return targets.length === 0 ? undefined : { field, targets };
}

const TITLES: Readonly<Record<Field, RegExp>> = {
  prompt: /^(?:prompt|positive(?: prompt)?)$/i,
  negative: /^negative(?: prompt)?$/i,
  width: /^(?:size|width)$/i,
  height: /^(?:size|height)$/i,
  batch: /^(?:batch|batch size|n)$/i,
  seed: /^seed$/i,
  steps: /^steps$/i,
  cfg: /^cfg$/i,
  image: /^image(?: ?\d+)?$/i,
  mask: /^mask$/i,
};

/** The inputs of a node that its author has titled after the field. */
function named(field: Field, node: GraphNode, graph: Graph): Target[] {
  switch (field) {
    case "prompt":
    case "negative":
      return textInputs(node, graph);
    case "image":
    case "mask":
      return typeof node.inputs["image"] === "string" ? [{ node: node.id, input: "image" }] : [];
    default:
      return present(numberInput(node, NUMBER_NAMES[field], graph));
  }
}

const NUMBER_NAMES: Readonly<
  Record<Exclude<Field, "prompt" | "negative" | "image" | "mask">, readonly string[]>
> = {
  width: ["width", "value"],
  height: ["height", "value"],
  batch: BATCH,
  seed: [...SEED, "value"],
  steps: ["steps", "value"],
  cfg: ["cfg", "value"],
};

/** The inputs that are meant by the classes of the nodes alone. */
function unnamed(field: Field, graph: Graph): Target[] {
  const nodes = [...graph.values()];
  switch (field) {
    case "prompt":
      return words(graph, ["positive", "conditioning"]);
    case "negative":
      return unlessPrompt(words(graph, ["negative"]), graph);
    case "width":
    case "height":
      return only(nodes.filter(isCanvas).flatMap((node) => present(numberInput(node, [field], graph))));
    case "batch":
      return only(
        nodes.filter(isCanvas).flatMap((node) => present(numberInput(node, ["batch_size"], graph))),
      );
    case "seed":
      // Every one of them: a sampler that kept its seed would repeat itself.
      return nodes.flatMap((node) => present(numberInput(node, SEED, graph)));
    case "steps":
    case "cfg":
      return only(nodes.flatMap((node) => present(numberInput(node, [field], graph))));
    case "image":
      return only(loaders(nodes.filter(isImageLoader)));
    case "mask":
      return only(loaders(nodes.filter(isMaskLoader)));
  }
}

/** The text inputs behind what samplers and guiders are conditioned on, when all lead to the same encoder. */
function words(graph: Graph, inputs: readonly string[]): Target[] {
  const ends = [...graph.values()].filter(takesConditions);
  const found = new Map(
    ends.flatMap((end) =>
      inputs.flatMap((input) => encoders(end, input, graph)).map((node) => [node.id, node]),
    ),
  );
  const [encoder] = found.values();
  return encoder !== undefined && found.size === 1 ? textInputs(encoder, graph) : [];
}

/** Samplers and guiders, not the nodes that hand conditions on. */
const takesConditions = ({ inputs, classType }: GraphNode): boolean =>
  (isLink(inputs["positive"]) && (isLink(inputs["latent_image"]) || isLink(inputs["model"]))) ||
  (isLink(inputs["conditioning"]) && /Guider$/.test(classType));

/** A workflow without a negative prompt feeds the same words into both sides. */
function unlessPrompt(targets: Target[], graph: Graph): Target[] {
  const prompt = new Set(unnamed("prompt", graph).map(({ node }) => node));
  return targets.some(({ node }) => prompt.has(node)) ? [] : targets;
}

const loaders = (nodes: readonly GraphNode[]): Target[] =>
  nodes
    .filter(({ inputs }) => typeof inputs["image"] === "string")
    .map(({ id }) => ({ node: id, input: "image" }));

const present = (target: Target | undefined): Target[] => (target === undefined ? [] : [target]);

function only(targets: readonly Target[]): Target[] {
  const distinct = new Map(targets.map((target) => [`${target.node}.${target.input}`, target]));
  return distinct.size === 1 ? [...distinct.values()] : [];
}
