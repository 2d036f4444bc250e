import { checkOptionNames } from "../internal/option-names";

/** A host's mistake: says which option, and what would be right. */
export function fail(option: string, remedy: string): never {
  throw new TypeError(`express-image-gateway: option '${option}' ${remedy}.`);
}

/** @param path absent: the options of `createImageRouter` itself. @throws TypeError naming the first unknown option */
export const checkNames = (options: unknown, known: readonly string[], path?: string): void =>
  checkOptionNames("express-image-gateway", options, known, path);

/** @throws TypeError when the object is given and lacks one of the methods */
export function checkMethods(
  option: string,
  value: unknown,
  methods: readonly string[],
  remedy: string,
): void {
  if (value === undefined || methods.every((name) => hasFunction(value, name))) return;
  fail(option, `must have the methods ${methods.join(", ")}: ${remedy}`);
}

export function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") fail(option, "must be true or false");
}

export function checkWhole(
  option: string,
  value: unknown,
  min: number,
  unit: string,
  max = Number.POSITIVE_INFINITY,
): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
  const range = max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
  fail(option, `must be a whole number of ${unit}, ${range}`);
}

const HOST = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

/** A copy, so that the host's array may change. */
export function checkHosts(option: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const hosts: unknown[] = Array.isArray(value) ? value : [undefined];
  return hosts.map((host) =>
    typeof host === "string" && HOST.test(host)
      ? host
      : fail(option, "must be an array of 'host' or 'host:port' names, such as ['10.0.0.5:8188']"),
  );
}

const PROVIDER_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function checkProviders(providers: unknown): void {
  const remedy =
    "is required: an array of providers, such as [demo()], or a registry with candidates() and list()";
  if (!Array.isArray(providers)) {
    const isRegistry = hasFunction(providers, "candidates") && hasFunction(providers, "list");
    if (hasFunction(providers, "run")) fail("providers", "must be an array: put the provider into brackets");
    if (!isRegistry) fail("providers", remedy);
    return;
  }
  if (providers.length === 0) fail("providers", "is empty: give at least one provider, such as demo()");
  const ids = new Set<string>();
  for (const provider of providers) {
    for (const member of ["models", "run"]) {
      if (hasFunction(provider, member)) continue;
      fail(
        "providers",
        `holds something without a function '${member}': a provider has id, models() and run()`,
      );
    }
    const id: unknown = Reflect.get(provider, "id");
    if (typeof id !== "string" || !PROVIDER_ID.test(id)) {
      fail("providers", "holds a provider whose id is not 1 to 64 characters of a-z, 0-9, - and _");
    }
    if (ids.has(id))
      fail("providers", `holds two providers with the id '${id}': give one of them another id`);
    ids.add(id);
  }
}

export function checkPublicUrl(text: unknown): string | undefined {
  if (text === undefined) return undefined;
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.href !== url.origin + url.pathname) {
    return fail(
      "publicUrl",
      "must be an http or https address without user and query, such as 'https://img.example.com/v1'",
    );
  }
  return url.href.replace(/\/+$/, "");
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const hasFunction = (value: unknown, name: string): boolean =>
  isRecord(value) && typeof value[name] === "function";
