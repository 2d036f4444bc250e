import { authorizedHeaders, secretsOf } from "../hosted/credentials";
import { type HostedModel, hostedModels, type Model } from "../hosted/models";
import { IMAGE_BYTES, optionsCheck } from "../options-check";
import { REPLICATE, type ReplicateFamily } from "./families";

export type ReplicateModel = HostedModel<ReplicateFamily>;

export interface ReplicateOptions {
  /** Sent as `Authorization: Bearer`. Required unless `headers` authorize. */
  readonly apiToken?: string | undefined;
  /**
   * The models to offer: `owner/name`, `owner/name:version` (what is no official model needs its version), `deployments/owner/name`,
   * or objects that have such a name as `id` or `upstream`.
   */
  readonly models: readonly (string | ReplicateModel)[];
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "replicate" */
  readonly id?: string;
  /** Up to and without `/predictions`. @default "https://api.replicate.com/v1" */
  readonly baseUrl?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The largest picture taken that comes inside an answer or needs the token to be fetched, in bytes. @default 33554432 */
  readonly maxImageBytes?: number;
  /** The wait before work is looked at again, in milliseconds; it grows up to five times this. @default 500 */
  readonly pollMs?: number;
}

/** The options, checked and made ready. */
export interface ResolvedReplicateOptions {
  readonly id: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
  readonly models: ReadonlyMap<string, Model>;
  readonly maxImageBytes: number;
  readonly pollMs: number;
}

const API = "https://api.replicate.com/v1";

const KNOWN = [
  "apiToken",
  "models",
  "id",
  "baseUrl",
  "headers",
  "maxImageBytes",
  "pollMs",
] as const satisfies readonly (keyof ReplicateOptions)[];

const check = optionsCheck("replicate()");

/**
 * Checks everything that can be known before the first request.
 *
 * @throws TypeError naming the option, or the model, and the remedy.
 */
export function resolveOptions(options: ReplicateOptions): ResolvedReplicateOptions {
  check.names(options, KNOWN);
  const { apiToken: key, headers } = options;
  const baseUrl = check.url("baseUrl", options.baseUrl ?? API, API);
  return Object.freeze({
    id: check.id(options.id ?? "replicate"),
    baseUrl,
    headers: authorizedHeaders(check, { option: "apiToken", key, scheme: "Bearer", headers }),
    secrets: secretsOf(key, headers, baseUrl),
    models: hostedModels(check, options.models, REPLICATE),
    maxImageBytes: check.whole("maxImageBytes", options.maxImageBytes ?? IMAGE_BYTES.usual, IMAGE_BYTES),
    pollMs: check.whole("pollMs", options.pollMs ?? 500, { min: 1, max: 60_000 }),
  });
}
