import type { ModelCard } from "../../ports/model-card";
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

const DEFAULT_IMAGE_BYTES = 32 * 2 ** 20;
const MAX_IMAGE_BYTES = 2 ** 28;

/**
 * Checks everything that can be known before a server is asked.
 *
 * @throws TypeError naming the option, or the workflow, node and input, and the remedy.
 */
export function resolveOptions(options: ComfyUIOptions): ResolvedComfyUIOptions {
  for (const name of Object.keys(options)) refuseUnknown(name);
  const id = options.id ?? "comfyui";
  if (!/^[a-z0-9_-]{1,64}$/.test(id)) wrong("id", "use lower-case letters, digits, - and _");
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
    headers: checkedHeaders(options.headers ?? {}),
    models: new Map(models.map((model) => [model.workflow.model, model])),
    keepMetadata: options.keepMetadata ?? false,
    maxImageBytes: checkedBytes(options.maxImageBytes ?? DEFAULT_IMAGE_BYTES),
    sanitizePrompt: options.sanitizePrompt ?? true,
  });
}

function wrong(option: string, remedy: string): never {
  throw new TypeError(`comfyui(): ${option} ${remedy}`);
}

function refuseUnknown(name: string): void {
  if (KNOWN.some((known) => known === name)) return;
  const near = KNOWN.find((known) => known.toLowerCase() === name.toLowerCase().replace(/[-_]|s$/g, ""));
  wrong(
    name,
    `is no option: ${near === undefined ? `the options are ${KNOWN.join(", ")}` : `did you mean ${near}?`}`,
  );
}

function checkedUrls(given: ComfyUIOptions["url"] | undefined): string[] {
  const urls = (typeof given === "string" ? [given] : [...(given ?? [])]).map(checkedUrl);
  if (urls.length === 0) wrong("url", 'is missing: write it like "http://127.0.0.1:8188"');
  if (new Set(urls).size !== urls.length) wrong("url", "names a server twice");
  return urls;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return wrong("url", 'holds no http or https URL: write it like "http://127.0.0.1:8188"');
  }
  if (url.username !== "" || url.password !== "")
    wrong("url", "holds user info: use headers, {authorization: …}");
  if (url.search !== "" || url.hash !== "") wrong("url", "holds a query or fragment: leave them out");
  return url.href.replace(/\/+$/, "");
}

/** Set by the exchange itself; with an origin of its own the server would take us for another site's page. */
const OURS = new Set(["host", "origin", "content-length", "connection", "upgrade", "content-type"]);

function checkedHeaders(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || OURS.has(name.toLowerCase())) {
      wrong("headers", `holds ${JSON.stringify(name)}, which is no header that can be set`);
    }
    if (typeof value !== "string" || !/^[\x20-\x7e]*$/.test(value)) {
      wrong("headers", `holds a value for ${name} that is no printable ASCII`);
    }
    headers[name.toLowerCase()] = value;
  }
  return Object.freeze(headers);
}

function checkedBytes(bytes: number): number {
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= MAX_IMAGE_BYTES) return bytes;
  return wrong("maxImageBytes", `is ${bytes}: give whole bytes between 1 and ${MAX_IMAGE_BYTES}`);
}
