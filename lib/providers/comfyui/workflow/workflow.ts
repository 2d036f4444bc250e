import { isObject } from "../../../internal/json-shape";
import {
  type Binding,
  type Bindings,
  FIELDS,
  findNode,
  type WorkflowBindings,
  writtenBindings,
} from "./bindings";
import { conventionalBinding } from "./conventions";
import { type Graph, type GraphNode, leaves, nameOf, readGraph } from "./graph";
import { isOtherOutput, isPictureOutput, isPreviewOutput } from "./node-kinds";

/** A workflow that is ready to be filled: its graph, where a request's fields go, and which node's pictures are served. */
export interface Workflow {
  /** What clients write in `model`. */
  readonly model: string;
  /** How messages call it: the model, and its file where there is one. */
  readonly name: string;
  readonly graph: Graph;
  /** The parsed JSON itself; never changed. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly bindings: Bindings;
  readonly output: GraphNode;
}

/**
 * Settles everything about a workflow that can be known without a server.
 *
 * @throws Error that names the workflow, the node, the input and the remedy.
 */
export function createWorkflow(
  model: string,
  name: string,
  json: unknown,
  written: WorkflowBindings,
): Workflow {
  try {
    const graph = readGraph(json);
    if (!isObject(json)) throw new Error("is no JSON object");
    const bindings = allBindings(written, graph);
    const output = findOutput(written["output"], graph);
    if (!bindings.has("prompt") && !bindings.has("image")) {
      throw new Error(
        'has no input for the prompt: title the node that takes it "prompt", or bind it, {prompt: "6.text"}',
      );
    }
    return { model, name, graph, json, bindings, output };
  } catch (error) {
    throw new TypeError(
      `comfyui(): the workflow of ${name} ${error instanceof Error ? error.message : "is unusable"}`,
    );
  }
}

function allBindings(written: WorkflowBindings, graph: Graph): Bindings {
  const bindings = new Map<string, Binding>(writtenBindings(written, graph));
  for (const field of FIELDS) {
    if (written[field] !== undefined) continue;
    const binding = conventionalBinding(field, graph);
    if (binding !== undefined) bindings.set(field, binding);
  }
  return bindings;
}

function findOutput(written: WorkflowBindings[string] | undefined, graph: Graph): GraphNode {
  const output = typeof written === "string" ? findNode(written, graph) : titledOutput(graph);
  if (typeof written === "string" && output === undefined) {
    throw new Error(`names "${written}" as its output: write a node's id or title`);
  }
  const found = output ?? onlyOutput(graph);
  if (!isOtherOutput(found)) return found;
  throw new Error(`ends in ${nameOf(found)}, whose result is not served here: end it in a SaveImage node`);
}

function titledOutput(graph: Graph): GraphNode | undefined {
  const titled = [...graph.values()].filter(({ title }) => title.toLowerCase() === "output");
  if (titled.length > 1) throw new Error('has several nodes with the title "output": leave it to one');
  return titled[0];
}

function onlyOutput(graph: Graph): GraphNode {
  const ends = leaves(graph);
  const pictures = ends.filter(isPictureOutput);
  const saved = pictures.filter((node) => !isPreviewOutput(node));
  const sure = saved.length > 0 ? saved : pictures;
  const [end, another] = sure.length > 0 ? sure : ends;
  if (end !== undefined && another === undefined) return end;
  const found = end === undefined ? "no output node" : "several output nodes";
  throw new Error(`has ${found}: give the one whose pictures are served the title "output"`);
}
