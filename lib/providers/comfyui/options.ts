import type { ModelCard } from "../../ports/model-card";
import { IMAGE_BYTES, optionsCheck } from "../options-check";
import { deriveCard } from "./workflow/card";
import { loadWorkflows, type WorkflowSource } from "./workflow/sources";
import { createWorkflow, type Workflow } from "./workflow/workflow";

export interface ComfyUIOptions {
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "comfyui" */
  readonly id?: string;
  /** The server, or several that have the same models and nodes; a path is kept: `https://gpu.example/comfy`. */
  readonly url: string | readonly string[];
  /** A folder of API-format files, each a model named after its file, or model id → workflow. */
  readonly workflows: string | Readonly<Record<string, WorkflowSource>>;
  /** Sent with every request and with the WebSocket's handshake: what a proxy in front asks for (`authorization`, …). */
  readonly headers?: Readonly<Record<string, string>>;
  /** `true` leaves the workflow and the prompt in the files that ComfyUI writes. @default false */
  readonly keepMetadata?: boolean;
  /** The largest picture taken, in bytes. @default 33554432 */
  readonly maxImageBytes?: number;
  /** `false` lets callers load embeddings by name (`embedding:NAME` in a prompt). @default true */
  readonly sanitizePrompt?: boolean;
}

/** One model: how it is filled, and what is said of it. */
export interface Model {
  readonly workflow: Workflow;
  readonly card: ModelCard;
}

/** The options, checked and made ready. */
export interface ResolvedComfyUIOptions {
  readonly id: string;
  /** Without a slash at the end. */
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly models: ReadonlyMap<string, Model>;
  readonly keepMetadata: boolean;
  readonly maxImageBytes: number;
  readonly sanitizePrompt: boolean;
}

const KNOWN = [
  "id",
  "url",
  "workflows",
  "headers",
  "keepMetadata",
  "maxImageBytes",
  "sanitizePrompt",
] as const satisfies readonly (keyof ComfyUIOptions)[];

const check = optionsCheck("comfyui()");
const { wrong } = check;

/**
 * Checks everything that can be known before a server is asked.
 *
 * @throws TypeError naming the option, or the workflow, node and input, and the remedy.
 */
export function resolveOptions(options: ComfyUIOptions): ResolvedComfyUIOptions {
  check.names(options, KNOWN);
  const id = check.id(options.id ?? "comfyui");
  const urls = checkedUrls(options.url);
  const { workflows } = options;
  const isRecord = typeof workflows === "object" && workflows !== null && !Array.isArray(workflows);
  if (typeof workflows !== "string" && !isRecord) {
    wrong("workflows", "is missing: name a folder of API-format files, or give {model: workflow}");
  }
  const models = loadWorkflows(workflows).map(({ model, name, json, bindings, card }): Model => {
    const workflow = createWorkflow(model, name, json, bindings);
    return { workflow, card: deriveCard(workflow, urls.length, card) };
  });
  return Object.freeze({
    id,
    urls,
    headers: Object.freeze(check.headers(options.headers ?? {})),
    models: new Map(models.map((model) => [model.workflow.model, model])),
    keepMetadata: options.keepMetadata ?? false,
    maxImageBytes: check.whole("maxImageBytes", options.maxImageBytes ?? IMAGE_BYTES.usual, IMAGE_BYTES),
    sanitizePrompt: options.sanitizePrompt ?? true,
  });
}

function checkedUrls(given: ComfyUIOptions["url"] | undefined): string[] {
  const urls = (typeof given === "string" ? [given] : [...(given ?? [])]).map((url) =>
    check.url("url", url, "http://127.0.0.1:8188"),
  );
  if (urls.length === 0) wrong("url", 'is missing: write it like "http://127.0.0.1:8188"');
  if (new Set(urls).size !== urls.length) wrong("url", "names a server twice");
  return urls;
}
