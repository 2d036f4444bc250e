import type { Dialect } from "./dialects";

interface Given {
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\x20-\x7e]+$/;
const KEY = /^[\x21-\x7e]+$/;

/** What the exchange itself needs to be in command of. */
const OURS = /^(?:accept|accept-encoding|connection|content-.+|host|te|trailer|transfer-encoding|upgrade)$/;

/**
 * The headers of every request, names in lower case.
 *
 * @throws TypeError naming what is wrong, never a value.
 */
export function requestHeaders(
  { apiKey, headers = {} }: Given,
  auth: Dialect["auth"],
): Readonly<Record<string, string>> {
  const all: Record<string, string> = { accept: "application/json" };
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (!NAME.test(name) || OURS.test(name))
      throw new TypeError(`openai(): headers.${given} cannot be set; leave it out`);
    if (!VALUE.test(value)) throw new TypeError(`openai(): headers.${given} must be printable ASCII`);
    all[name] = value;
  }
  if (apiKey === undefined) return Object.freeze(all);

  if (!KEY.test(apiKey)) {
    throw new TypeError(
      "openai(): apiKey is empty or holds spaces, line breaks or non-ASCII; leave it out for none",
    );
  }
  const [name, value] = auth === "bearer" ? ["authorization", `Bearer ${apiKey}`] : ["api-key", apiKey];
  if (all[name] !== undefined)
    throw new TypeError(`openai(): apiKey and headers.${name} are both given; drop one`);
  all[name] = value;
  return Object.freeze(all);
}
