import type { OptionsCheck } from "../options-check";

interface Given {
  /** The option that holds the key, for messages. */
  readonly option: string;
  readonly key: string | undefined;
  /** `Bearer`, `Key` */
  readonly scheme: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/**
 * The headers of every request, names in lower case, with the key as `Authorization`.
 *
 * @throws TypeError naming what is wrong, never a value.
 */
export function authorizedHeaders(
  check: OptionsCheck,
  { option, key, scheme, headers = {} }: Given,
): Readonly<Record<string, string>> {
  const all: Record<string, string> = { accept: "application/json", ...check.headers(headers) };
  const checked = check.key(option, key);
  if (checked === undefined && all["authorization"] === undefined) {
    check.wrong(option, "is missing: the service answers nobody without a key");
  }
  if (checked === undefined) return Object.freeze(all);
  if (all["authorization"] !== undefined)
    check.wrong(option, "and headers.authorization are both given; drop one");
  all["authorization"] = `${scheme} ${checked}`;
  return Object.freeze(all);
}

/** What must appear in no message. A header's `1` or `on` is no secret, and would be found in everything. */
export function secretsOf(
  key: string | undefined,
  headers: Readonly<Record<string, string>> | undefined,
  baseUrl: string,
): readonly string[] {
  const { host, hostname } = new URL(baseUrl);
  return [key ?? "", ...Object.values(headers ?? {}), host, hostname].filter((text) => text.length >= 4);
}
