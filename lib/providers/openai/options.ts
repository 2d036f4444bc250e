import type { ModelCard } from "../../ports/model-card";
import { IMAGE_BYTES, optionsCheck } from "../options-check";
import { type Cards, createCards } from "./cards";
import { DIALECTS, type Dialect, type DialectName } from "./dialects";
import { type Endpoints, endpointsOf, needsApiVersion } from "./endpoints";
import { requestHeaders } from "./request-headers";

export interface OpenAIOptions {
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "openai" */
  readonly id?: string;
  /** Up to and without `/images/generations`. @default "https://api.openai.com/v1" */
  readonly baseUrl?: string;
  /** Sent as `Authorization: Bearer`, for Azure as `api-key`. Required by OpenAI itself. */
  readonly apiKey?: string | undefined;
  /** Sent with every request (`OpenAI-Organization`, `OpenAI-Project`, a gateway's own headers). */
  readonly headers?: Readonly<Record<string, string>>;
  /** What kind of server it is. @default "openai" at api.openai.com, else "generic" */
  readonly dialect?: DialectName;
  /** Azure's `api-version`; required unless `baseUrl` ends in `/openai/v1`. */
  readonly apiVersion?: string;
  /**
   * The models to offer: names, or cards whose `upstream` is the name that the server knows (for Azure the deployment). What a
   * card says beats what is known of OpenAI's models. @default what `GET {baseUrl}/models` lists
   */
  readonly models?: readonly (string | ModelCard)[];
  /** The largest picture taken from an answer, in bytes. @default 33554432 */
  readonly maxImageBytes?: number;
  /** `false` sends prompts untouched, also where the server would obey what is written in them. @default true */
  readonly sanitizePrompt?: boolean;
}

/** The options, checked and made ready. */
export interface ResolvedOpenAIOptions {
  readonly id: string;
  readonly dialect: Dialect;
  readonly dialectName: DialectName;
  readonly endpoints: Endpoints;
  readonly cards: Cards;
  readonly headers: Readonly<Record<string, string>>;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
  readonly maxImageBytes: number;
  readonly sanitizePrompt: boolean;
}

const OPENAI_URL = "https://api.openai.com/v1";
const check = optionsCheck("openai()");
const { wrong } = check;

const KNOWN = [
  "id",
  "baseUrl",
  "apiKey",
  "headers",
  "dialect",
  "apiVersion",
  "models",
  "maxImageBytes",
  "sanitizePrompt",
] as const satisfies readonly (keyof OpenAIOptions)[];

/**
 * Checks everything that can be known before the first request.
 *
 * @throws TypeError naming the option and the remedy.
 */
export function resolveOptions(options: OpenAIOptions): ResolvedOpenAIOptions {
  check.names(options, KNOWN);
  const id = check.id(options.id ?? "openai");
  const baseUrl = check.url("baseUrl", options.baseUrl ?? OPENAI_URL, OPENAI_URL);
  const base = new URL(baseUrl);
  const atOpenAI = base.hostname === "api.openai.com";
  const dialectName = options.dialect ?? (atOpenAI ? "openai" : "generic");
  if (!Object.hasOwn(DIALECTS, dialectName))
    wrong("dialect", `use one of ${Object.keys(DIALECTS).join(", ")}`);
  const dialect = DIALECTS[dialectName];
  if (dialectName === "azure") checkAzure(options, baseUrl);
  const headers = requestHeaders(check, options, dialect.auth);
  const authorized = headers["authorization"] ?? headers["api-key"];
  if (atOpenAI && authorized === undefined)
    wrong("apiKey", "is missing: OpenAI answers nobody without a key");

  return Object.freeze({
    id,
    dialect,
    dialectName,
    endpoints: endpointsOf(dialectName, baseUrl, options.apiVersion),
    cards: createCards(checkedModels(options.models), dialect),
    headers,
    secrets: [options.apiKey ?? "", ...Object.values(options.headers ?? {}), base.host, base.hostname].filter(
      isTelling,
    ),
    maxImageBytes: check.whole("maxImageBytes", options.maxImageBytes ?? IMAGE_BYTES.usual, IMAGE_BYTES),
    sanitizePrompt: options.sanitizePrompt ?? true,
  });
}

/** A header's `1` or `on` is no secret, and would be found in everything. */
const isTelling = (text: string): boolean => text.length >= 4;

function checkAzure({ baseUrl, apiVersion, models }: OpenAIOptions, resolved: string): void {
  if (baseUrl === undefined)
    wrong("baseUrl", 'is missing: name the resource, "https://NAME.openai.azure.com"');
  if (needsApiVersion("azure", resolved) && apiVersion === undefined) {
    wrong("apiVersion", 'is missing: name it, or use a baseUrl that ends in "/openai/v1"');
  }
  if (models === undefined) wrong("models", "is missing: Azure does not list deployments, so name them here");
}

function checkedModels(models: OpenAIOptions["models"]): OpenAIOptions["models"] {
  const ids = models?.map((model) => (typeof model === "string" ? model : model.id));
  if (ids?.length === 0) wrong("models", "is empty: name the models, or leave it out to ask the server");
  if (ids?.some((id) => typeof id !== "string" || id === "")) wrong("models", "holds a model without an id");
  if (new Set(ids).size !== (ids?.length ?? 0)) wrong("models", "names a model twice");
  return models;
}
