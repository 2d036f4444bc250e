import { type Graph, type GraphNode, isLink, nameOf } from "./graph";

/** The fields of a request that a workflow can take by itself; every other name is a field of the operator's own. */
export const FIELDS = [
  "prompt",
  "negative",
  "width",
  "height",
  "batch",
  "seed",
  "steps",
  "cfg",
  "image",
  "mask",
] as const;

export type Field = (typeof FIELDS)[number];

/** Where a value goes, and what it may be. */
export interface BindingRule {
  /** `"6.text"`: node id or title, a dot, the name of the input. Several get the same value; of images each gets the next. */
  readonly to: string | readonly string[];
  /** Smallest number. */
  readonly min?: number;
  /** Largest number. */
  readonly max?: number;
  /** The only values. */
  readonly values?: readonly (string | number | boolean)[];
}

/** One place or several, with or without limits; `false` keeps the field from being found by convention. */
export type WorkflowBinding = string | readonly string[] | BindingRule | false;

/**
 * Task fields → node inputs. Known are `prompt`, `negative`, `width`, `height`, `batch`, `seed`, `steps`, `cfg`, `image`, `mask`;
 * `output` names the node whose pictures are served; each further name becomes a request field of its own.
 */
export interface WorkflowBindings {
  readonly [field: string]: WorkflowBinding;
}

/** One input of one node. */
export interface Target {
  readonly node: string;
  readonly input: string;
}

export interface Binding {
  readonly field: string;
  readonly targets: readonly Target[];
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly (string | number | boolean)[];
}

export type Bindings = ReadonlyMap<string, Binding>;

/** Field names of OpenAI's request: they never reach a provider as further fields. */
const TAKEN = new Set(
  (
    "model n size quality style response_format user background moderation output_format output_compression stream " +
    "partial_images safety_identifier negative_prompt __proto__"
  ).split(" "),
);

/** Every field that the operator has written out, checked against the graph. */
export function writtenBindings(written: WorkflowBindings, graph: Graph): Bindings {
  const bindings = new Map<string, Binding>();
  for (const [field, rule] of Object.entries(written)) {
    if (field === "output" || rule === false) continue;
    if (TAKEN.has(field)) throw new Error(`binds "${field}", which has a meaning already: use another name`);
    const { to, ...limits } = typeof rule === "object" && "to" in rule ? rule : { to: rule };
    const targets = (typeof to === "string" ? [to] : to).map((place) => target(place, field, graph));
    if (targets.length === 0) throw new Error(`binds "${field}" to nothing: write false, or leave it out`);
    bindings.set(field, { field, targets, ...limits });
  }
  return bindings;
}

function target(place: string, field: string, graph: Graph): Target {
  const dot = place.lastIndexOf(".");
  const node = dot > 0 ? findNode(place.slice(0, dot), graph) : undefined;
  if (node === undefined) {
    throw new Error(
      `binds "${field}" to "${place}": write a node's id or title, a dot and its input, "6.text"`,
    );
  }
  const input = place.slice(dot + 1);
  checkTarget(node, input, field);
  return { node: node.id, input };
}

/** By id, else by a title that only one node has. */
export function findNode(name: string, graph: Graph): GraphNode | undefined {
  const titled = [...graph.values()].filter(({ title }) => title.toLowerCase() === name.toLowerCase());
  return graph.get(name) ?? (titled.length === 1 ? titled[0] : undefined);
}

function checkTarget(node: GraphNode, input: string, field: string): void {
  const value = Object.hasOwn(node.inputs, input) ? node.inputs[input] : undefined;
  const named = `binds "${field}" to input "${input}" of ${nameOf(node)}`;
  if (value === undefined) {
    throw new Error(
      `${named}, which has no such input: it has ${Object.keys(node.inputs).join(", ") || "none"}`,
    );
  }
  if (isLink(value)) {
    throw new Error(
      `${named}, which is fed by node ${value[0]}: bind an input of that node, or cut the link`,
    );
  }
  const wanted = WANTED[field];
  if (wanted !== undefined && typeof value !== wanted) {
    throw new Error(`${named}, which holds a ${typeof value}: this field needs one that holds a ${wanted}`);
  }
  if (typeof value === "object")
    throw new Error(`${named}, which holds a list or an object: that cannot be set`);
}

const WANTED: Readonly<Record<string, "string" | "number">> = {
  prompt: "string",
  negative: "string",
  image: "string",
  mask: "string",
  width: "number",
  height: "number",
  batch: "number",
  seed: "number",
  steps: "number",
  cfg: "number",
};

export const addressOf = ({ node, input }: Target): string => `${node}.${input}`;

const PARAMS: Readonly<Record<string, string>> = {
  negative: "negative_prompt",
  width: "size",
  height: "size",
  batch: "n",
};

/** What the caller calls this field. */
export const paramOf = (field: string): string =>
  Object.hasOwn(PARAMS, field) ? (PARAMS[field] ?? field) : field;
