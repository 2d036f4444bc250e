import { IMAGE_BYTES, optionsCheck } from "../options-check";
import { loginOf } from "./login";
import {
  type Automatic1111Model,
  createModels,
  type ModelDefaults,
  type Models,
  type OverrideSettings,
} from "./models";
import { checkModels } from "./models-check";

export interface Automatic1111Options {
  /** Names the provider in logs and `GET /models`: lower case, digits, `-`, `_`. @default "automatic1111" */
  readonly id?: string;
  /** The server, started with `--api`; a path is kept. */
  readonly url: string;
  /** As the server got them in `--api-auth`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Sent with every request: what a proxy in front asks for. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The checkpoints to offer: names, or models with more to say. @default every one that the server lists */
  readonly models?: readonly (string | Automatic1111Model)[];
  /** What is sent where the caller says nothing: `{ steps: 30, width: 1024, height: 1024 }`. @default 20 steps */
  readonly defaults?: ModelDefaults;
  /** Settings of the server's that hold for every request: `{ CLIP_stop_at_last_layers: 2 }`. Callers can set none. */
  readonly overrideSettings?: OverrideSettings;
  /**
   * Nobody but this provider uses the server: its interrupt and its picture in the making, which are whoever's turn it is, are ours then.
   * Only servers without tasks by id (`--nowebui`, versions before 1.8) need it. @default false
   */
  readonly exclusive?: boolean;
  /** The largest picture taken from an answer, in bytes. @default 33554432 */
  readonly maxImageBytes?: number;
  /** `false` lets callers load files by name (`<lora:NAME:1>` in a prompt). @default true */
  readonly sanitizePrompt?: boolean;
}

/** The options, checked and made ready. */
export interface ResolvedAutomatic1111Options {
  readonly id: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly models: Models;
  readonly isExclusive: boolean;
  readonly maxImageBytes: number;
  readonly sanitizePrompt: boolean;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
}

const KNOWN = [
  "id",
  "url",
  "username",
  "password",
  "headers",
  "models",
  "defaults",
  "overrideSettings",
  "exclusive",
  "maxImageBytes",
  "sanitizePrompt",
] as const satisfies readonly (keyof Automatic1111Options)[];

const check = optionsCheck("automatic1111()");

/**
 * Checks everything that can be known before the server is asked.
 *
 * @throws TypeError naming the option and the remedy.
 */
export function resolveOptions(options: Automatic1111Options): ResolvedAutomatic1111Options {
  check.names(options, KNOWN);
  const id = check.id(options.id ?? "automatic1111");
  const url = check.url("url", options.url, "http://127.0.0.1:7860");
  if (/\/sdapi(?:\/v1)?$/.test(url)) check.wrong("url", "ends in /sdapi: give the root of the server");
  const headers = check.headers(options.headers ?? {});
  const login = loginOf(check, options);
  if (login !== undefined && headers["authorization"] !== undefined) {
    check.wrong("username", "and headers.authorization are both given; drop one");
  }
  checkModels(check, options);
  const { host, hostname } = new URL(url);
  const secrets = [login ?? "", options.password ?? "", ...Object.values(headers), host, hostname];
  return Object.freeze({
    id,
    url,
    headers: Object.freeze({
      accept: "application/json",
      ...headers,
      ...(login !== undefined && { authorization: `Basic ${login}` }),
    }),
    models: createModels(options),
    isExclusive: options.exclusive ?? false,
    maxImageBytes: check.whole("maxImageBytes", options.maxImageBytes ?? IMAGE_BYTES.usual, IMAGE_BYTES),
    sanitizePrompt: options.sanitizePrompt ?? true,
    secrets: secrets.filter(isTelling),
  });
}

/** A header's `1` or `on` is no secret, and would be found in everything. */
const isTelling = (text: string): boolean => text.length >= 4;
