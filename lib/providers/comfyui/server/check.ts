import { isObject, type JsonObject, listMember, member, objectMember } from "../../../internal/json-shape";
import { type GraphNode, isLink, nameOf } from "../workflow/graph";
import type { Workflow } from "../workflow/workflow";
import type { Api, Caller } from "./api";

const AT_ONCE = 4;

/**
 * Holds workflows against what a server has: node classes, the inputs that are bound, and files that are chosen from a list.
 *
 * @returns what is wrong, each with workflow, node, input and remedy; for the operator only
 */
export async function checkWorkflows(
  api: Api,
  caller: Caller,
  workflows: readonly Workflow[],
): Promise<string[]> {
  const classes = new Set(
    workflows.flatMap(({ graph }) => [...graph.values()].map(({ classType }) => classType)),
  );
  const schemas = new Map<string, JsonObject>();
  const waiting = [...classes];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { json } = await api.get(caller, `/object_info/${encodeURIComponent(name)}`);
      schemas.set(name, objectMember(json, name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return workflows.flatMap((workflow) => problems(workflow, schemas));
}

function problems(workflow: Workflow, schemas: ReadonlyMap<string, JsonObject>): string[] {
  const found: string[] = [];
  const say = (text: string) => found.push(`the workflow of ${workflow.name}: ${text}`);
  for (const node of workflow.graph.values()) {
    const schema = schemas.get(node.classType) ?? {};
    if (Object.keys(schema).length === 0) {
      say(
        `${nameOf(node)} is of a class that the server does not have: install the custom node, or update ComfyUI`,
      );
      continue;
    }
    for (const { input, value } of missingChoices(node, schema)) {
      say(
        `${nameOf(node)} asks at "${input}" for ${JSON.stringify(value)}, which the server does not have: install it`,
      );
    }
  }
  for (const { field, targets } of workflow.bindings.values()) {
    for (const { node: id, input } of targets) {
      const node = workflow.graph.get(id);
      const schema = node && schemas.get(node.classType);
      if (node === undefined || schema === undefined || Object.keys(schema).length === 0) continue;
      if (takes(schema, input)) continue;
      say(`"${field}" is bound to "${input}" of ${nameOf(node)}, which takes no such input: bind another`);
    }
  }
  return found;
}

const inputsOf = (schema: JsonObject): JsonObject => {
  const inputs = objectMember(schema, "input");
  return { ...objectMember(inputs, "optional"), ...objectMember(inputs, "required") };
};

/** Nodes may add inputs at run time; those say nothing here. */
const takes = (schema: JsonObject, input: string): boolean =>
  Object.hasOwn(inputsOf(schema), input) || input.includes(".");

/** Values that the workflow itself chooses from a list of the server's, and that are not in it. */
function missingChoices(node: GraphNode, schema: JsonObject): { input: string; value: string }[] {
  const missing: { input: string; value: string }[] = [];
  for (const [input, config] of Object.entries(inputsOf(schema))) {
    const value = node.inputs[input];
    const choices = choicesOf(config);
    // Pictures are brought for each run.
    if (typeof value !== "string" || isLink(value) || choices === undefined || isUpload(config)) continue;
    if (!choices.includes(value)) missing.push({ input, value });
  }
  return missing;
}

/** `[[a, b], …]` in older schemas, `["COMBO", {options: [a, b]}]` in newer ones. */
function choicesOf(config: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(config)) return undefined;
  const [kind, about]: readonly unknown[] = config;
  if (Array.isArray(kind)) return kind;
  return kind === "COMBO" && Array.isArray(member(about, "options"))
    ? listMember(about, "options")
    : undefined;
}

const isUpload = (config: unknown): boolean =>
  Array.isArray(config) && isObject(config[1]) && config[1]["image_upload"] === true;
