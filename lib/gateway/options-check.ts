import { randomBytes } from "node:crypto";
import type { SigningKey } from "../core/signed-links";
import type { LinkOptions } from "./link-options";

/** A host's mistake: says which option, and what would be right. */
export function fail(option: string, remedy: string): never {
  throw new TypeError(`express-image-gateway: option '${option}' ${remedy}.`);
}

/** @throws TypeError naming the first unknown option and the known ones */
export function checkNames(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `express-image-gateway: ${where} takes an object with the options ${known.join(", ")}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = known.find(
    (name) => name.toLowerCase() === unknown.toLowerCase() || sharesStart(name, unknown),
  );
  const hint =
    near === undefined ? `known: ${known.join(", ")}` : `did you mean '${near}'? Known: ${known.join(", ")}`;
  throw new TypeError(`express-image-gateway: unknown option '${unknown}' of ${where}; ${hint}.`);
}

const sharesStart = (a: string, b: string): boolean =>
  a.slice(0, 4).toLowerCase() === b.slice(0, 4).toLowerCase();

const PROVIDER_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function checkProviders(providers: unknown): void {
  const remedy =
    "is required: an array of providers, such as [demo()], or a registry with candidates() and list()";
  if (!Array.isArray(providers)) {
    const isRegistry = hasFunction(providers, "candidates") && hasFunction(providers, "list");
    if (!isRegistry) fail("providers", remedy);
    return;
  }
  if (providers.length === 0) fail("providers", "is empty: give at least one provider, such as demo()");
  const ids = new Set<string>();
  for (const provider of providers) {
    if (!hasFunction(provider, "run") || !hasFunction(provider, "models")) fail("providers", remedy);
    const { id } = provider;
    if (typeof id !== "string" || !PROVIDER_ID.test(id)) {
      fail("providers", "holds a provider whose id is not 1 to 64 characters of a-z, 0-9, - and _");
    }
    if (ids.has(id))
      fail("providers", `holds two providers with the id '${id}': give one of them another id`);
    ids.add(id);
  }
}

export function checkPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "";
  if (!isPlain)
    fail("publicUrl", "must be an http or https address without query, such as 'https://img.example.com/v1'");
  return text.replace(/\/+$/, "");
}

export function checkLinks(given: LinkOptions) {
  checkNames("links", given, ["keys", "ttlSeconds", "crossOriginResourcePolicy"]);
  const { keys, ttlSeconds = 3600, crossOriginResourcePolicy = "cross-origin" } = given;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1)
    fail("links.ttlSeconds", "must be a whole number of seconds, 1 or more");
  if (!["same-origin", "same-site", "cross-origin"].includes(crossOriginResourcePolicy)) {
    fail("links.crossOriginResourcePolicy", "must be 'same-origin', 'same-site' or 'cross-origin'");
  }
  return { ttlSeconds, crossOriginResourcePolicy, keys: checkKeys(keys) };
}

function checkKeys(keys: readonly SigningKey[] | undefined): readonly [SigningKey, ...SigningKey[]] {
  if (keys === undefined) return [{ id: "run", secret: randomBytes(32) }];
  for (const { id, secret } of keys) {
    if (!/^[\w-]{1,32}$/.test(id))
      fail("links.keys", "holds a key whose id is not 1 to 32 characters of A-Z, a-z, 0-9, - and _");
    if (Buffer.from(secret).length < 32)
      fail("links.keys", `needs secrets of at least 32 bytes; that of '${id}' is shorter`);
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    fail("links.keys", "holds two keys with the same id");
  const [first, ...others] = keys;
  if (first === undefined)
    return fail("links.keys", "is empty: give at least one key, or leave it out for a random one");
  return [first, ...others];
}

const hasFunction = (value: unknown, name: string): boolean =>
  typeof value === "object" &&
  value !== null &&
  name in value &&
  typeof Reflect.get(value, name) === "function";
