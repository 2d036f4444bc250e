import { isObject, type JsonObject, member, objectMember, textMember } from "../../../internal/json-shape";

/** One node of a workflow in API format. */
export interface GraphNode {
  readonly id: string;
  readonly classType: string;
  /** As its author named it, trimmed; `""` without one. */
  readonly title: string;
  readonly inputs: JsonObject;
}

export type Graph = ReadonlyMap<string, GraphNode>;

/** The value of an input that is fed by another node: its id, and which of its outputs. */
export type Link = readonly [node: string, output: number];

export function isLink(value: unknown): value is Link {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && typeof value[1] === "number"
  );
}

/**
 * Reads a workflow as "Export (API)" writes it: an object of node id → `{class_type, inputs, _meta: {title}}`.
 *
 * @throws Error that says what is wrong, and the remedy.
 */
export function readGraph(json: unknown): Graph {
  if (!isObject(json)) throw new Error('is no JSON object: export it with "Export (API)"');
  if (Array.isArray(member(json, "nodes")) && Array.isArray(member(json, "links"))) {
    throw new Error('is in the format of the editor: export it with "Export (API)" instead of "Save"');
  }
  const nodes = Object.entries(json).map(([id, node]) => readNode(id, node));
  if (nodes.length === 0) throw new Error("has no nodes");
  return new Map(nodes.map((node) => [node.id, node]));
}

function readNode(id: string, json: unknown): GraphNode {
  const classType = textMember(json, "class_type");
  if (classType === undefined || classType === "" || !isObject(member(json, "inputs"))) {
    throw new Error(`has no class_type or no inputs at node ${id}: export it with "Export (API)"`);
  }
  const title = textMember(member(json, "_meta"), "title") ?? "";
  return { id, classType, title: title.trim(), inputs: objectMember(json, "inputs") };
}

/** The nodes that an input is fed by, in the order of the inputs. */
export function feeding({ inputs }: GraphNode, graph: Graph): GraphNode[] {
  return Object.values(inputs)
    .filter(isLink)
    .map(([id]) => graph.get(id))
    .filter((node) => node !== undefined);
}

/** Nodes that feed no other: where a run of the graph ends. */
export function leaves(graph: Graph): GraphNode[] {
  const fed = new Set([...graph.values()].flatMap((node) => feeding(node, graph).map(({ id }) => id)));
  return [...graph.values()].filter(({ id }) => !fed.has(id));
}

/** How a person finds a node: by its title, else by its class. */
export const nameOf = ({ id, title, classType }: GraphNode): string =>
  title === "" ? `node ${id} (${classType})` : `node "${title}" (${id}, ${classType})`;
