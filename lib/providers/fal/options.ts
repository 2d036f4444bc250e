import { authorizedHeaders, secretsOf } from "../hosted/credentials";
import { type HostedModel, hostedModels, type Model } from "../hosted/models";
import { optionsCheck } from "../options-check";
import { FAL, type FalFamily } from "./families";

export type FalModel = HostedModel<FalFamily>;

export interface FalOptions {
  /** Sent as `Authorization: Key`. Required unless `headers` authorize. */
  readonly apiKey?: string | undefined;
  /** The models to offer: fal's names, `fal-ai/flux/schnell`, or objects that have such a name as `id` or `upstream`. */
  readonly models: readonly (string | FalModel)[];
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "fal" */
  readonly id?: string;
  /** The queue's own address: what it names itself must lie at the same origin. @default "https://queue.fal.run" */
  readonly baseUrl?: string;
  /** Sent with every request, such as `x-fal-no-retry`, `x-fal-queue-priority` or `x-app-fal-disable-fallback`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The wait before work is looked at again, in milliseconds; it grows up to five times this. @default 500 */
  readonly pollMs?: number;
}

/** The options, checked and made ready. */
export interface ResolvedFalOptions {
  readonly id: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
  readonly models: ReadonlyMap<string, Model>;
  readonly pollMs: number;
}

const QUEUE = "https://queue.fal.run";

const KNOWN = [
  "apiKey",
  "models",
  "id",
  "baseUrl",
  "headers",
  "pollMs",
] as const satisfies readonly (keyof FalOptions)[];

const check = optionsCheck("fal()");

/**
 * Checks everything that can be known before the first request.
 *
 * @throws TypeError naming the option, or the model, and the remedy.
 */
export function resolveOptions(options: FalOptions): ResolvedFalOptions {
  check.names(options, KNOWN);
  const { apiKey: key, headers } = options;
  const baseUrl = check.url("baseUrl", options.baseUrl ?? QUEUE, QUEUE);
  return Object.freeze({
    id: check.id(options.id ?? "fal"),
    baseUrl,
    headers: authorizedHeaders(check, { option: "apiKey", key, scheme: "Key", headers }),
    secrets: secretsOf(key, headers, baseUrl),
    models: hostedModels(check, options.models, FAL),
    pollMs: check.whole("pollMs", options.pollMs ?? 500, { min: 1, max: 60_000 }),
  });
}
