import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { MIB } from "../../../internal/byte-sizes";

import { isObject, member, parsed } from "../../../internal/json-shape";
import type { WorkflowBindings } from "./bindings";
import type { CardOverrides } from "./card";

/** A workflow with what its titles do not say. */
export interface WorkflowEntry {
  /** Path of a file in API format, or what such a file holds. */
  readonly workflow: string | Readonly<Record<string, unknown>>;
  readonly bindings?: WorkflowBindings;
  /** Corrects the card that is derived from the workflow. */
  readonly card?: CardOverrides;
}

/** A file in API format, what such a file holds, or one of both with bindings and card. */
export type WorkflowSource = string | Readonly<Record<string, unknown>> | WorkflowEntry;

export interface LoadedWorkflow {
  readonly model: string;
  /** Model and file, for messages to the operator. */
  readonly name: string;
  readonly json: unknown;
  readonly bindings: WorkflowBindings;
  readonly card: CardOverrides;
}

const MAX_BYTES = 8 * MIB;
const MODEL_ID = /^[\w.:/-]{1,128}$/;

/**
 * Reads the `workflows` option: a folder of files, each a model of the file's name, or a record of model id → workflow.
 *
 * @throws TypeError naming the file or model and the remedy.
 */
export function loadWorkflows(
  workflows: string | Readonly<Record<string, WorkflowSource>>,
): LoadedWorkflow[] {
  const loaded =
    typeof workflows === "string"
      ? filesIn(workflows).map((file) => load(basename(file, extname(file)), file))
      : Object.entries(workflows).map(([model, source]) => load(model, source));
  if (loaded.length === 0)
    throw wrong("workflows", 'holds no workflow: export one with "Export (API)" as a .json file');
  return loaded;
}

function filesIn(folder: string): string[] {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder)
    throw wrong("workflows", `${JSON.stringify(folder)} is no folder: name one with API-format .json files`);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .sort()
    .map((name) => join(folder, name));
}

function load(model: string, source: WorkflowSource): LoadedWorkflow {
  if (!MODEL_ID.test(model)) {
    throw wrong("workflows", `names the model ${JSON.stringify(model)}: use letters, digits and . : / _ -`);
  }
  const entry: WorkflowEntry = isEntry(source) ? source : { workflow: source };
  const file = typeof entry.workflow === "string" ? entry.workflow : undefined;
  const name = file === undefined ? `"${model}"` : `"${model}" (${basename(file)})`;
  return {
    model,
    name,
    json: file === undefined ? entry.workflow : readJson(file, name),
    bindings: entry.bindings ?? {},
    card: entry.card ?? {},
  };
}

/** Every value of a graph is a node; only an entry has one that is a path, or an object without a class. */
const isEntry = (source: WorkflowSource): source is WorkflowEntry => {
  const workflow = member(source, "workflow");
  return typeof workflow === "string" || (isObject(workflow) && !Object.hasOwn(workflow, "class_type"));
};

function readJson(file: string, name: string): unknown {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw wrong("workflows", `${name} is no file that exists`);
  if (stat.size > MAX_BYTES) throw wrong("workflows", `${name} has more than ${MAX_BYTES} bytes`);
  const json = parsed(readFileSync(file, "utf8"));
  if (json === undefined) throw wrong("workflows", `${name} is no JSON`);
  return json;
}

const wrong = (option: string, remedy: string): TypeError => new TypeError(`comfyui(): ${option}: ${remedy}`);
