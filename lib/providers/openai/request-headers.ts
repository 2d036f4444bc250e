import type { OptionsCheck } from "../options-check";
import type { Dialect } from "./dialects";

interface Given {
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The headers of every request, names in lower case.
 *
 * @throws TypeError naming what is wrong, never a value.
 */
export function requestHeaders(
  check: OptionsCheck,
  { apiKey, headers = {} }: Given,
  auth: Dialect["auth"],
): Readonly<Record<string, string>> {
  const all: Record<string, string> = { accept: "application/json", ...check.headers(headers) };
  const key = check.key("apiKey", apiKey);
  if (key === undefined) return Object.freeze(all);
  const [name, value] = auth === "bearer" ? ["authorization", `Bearer ${key}`] : ["api-key", key];
  if (all[name] !== undefined) check.wrong("apiKey", `and headers.${name} are both given; drop one`);
  all[name] = value;
  return Object.freeze(all);
}
