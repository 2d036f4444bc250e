import { MIB } from "../internal/byte-sizes";
import { checkOptionNames } from "../internal/option-names";

/** Checks of what every adapter with an upstream is given; each throws a TypeError that names the option and the remedy, never a value. */
export interface OptionsCheck {
  /** A mistake of the host's: which option, and what would be right. */
  wrong(option: string, remedy: string): never;
  /** No option but the known ones. */
  names(options: object, known: readonly string[]): void;
  /** A provider's id. */
  id(id: string): string;
  /** An address without a slash at its end, user info, query and fragment. */
  url(option: string, text: unknown, example: string): string;
  /** Names in lower case, values printable; none that the exchange itself needs to be in command of. */
  headers(given: Readonly<Record<string, string>>): Record<string, string>;
  /** What is sent as a key: visible ASCII. `undefined` stays. */
  key(option: string, key: string | undefined): string | undefined;
  /** A whole number within a range, as `1048576 bytes`. */
  whole(option: string, value: number, range: { readonly min: number; readonly max: number }): number;
}

/** @param adapter as its caller writes it, such as `openai()` */
export function optionsCheck(adapter: string): OptionsCheck {
  const wrong = (option: string, remedy: string): never => {
    throw new TypeError(`${adapter}: ${option} ${remedy}`);
  };

  return {
    wrong,
    names(options, known) {
      checkOptionNames(adapter, options, known);
    },
    id(id) {
      if (/^[a-z0-9_-]{1,64}$/.test(id)) return id;
      return wrong("id", "use lower-case letters, digits, - and _");
    },
    url(option, text, example) {
      const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
        return wrong(option, `is no http or https URL: write it like "${example}"`);
      }
      if (url.username !== "" || url.password !== "") {
        wrong(option, "holds user info: give it in headers, or as the adapter's key");
      }
      if (url.search !== "" || url.hash !== "") wrong(option, "holds a query or fragment: leave them out");
      return url.href.replace(/\/+$/, "");
    },
    headers(given) {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(given)) {
        if (!HEADER_NAME.test(name) || OURS.test(name.toLowerCase())) {
          wrong(`headers.${name}`, "cannot be set; leave it out");
        }
        if (typeof value !== "string" || !/^[\x20-\x7e]+$/.test(value)) {
          wrong(`headers.${name}`, "must be printable ASCII");
        }
        headers[name.toLowerCase()] = value;
      }
      return headers;
    },
    key(option, key) {
      if (key === undefined || /^[\x21-\x7e]+$/.test(key)) return key;
      if (key === "") return wrong(option, "is empty: is the environment variable set that it comes from?");
      return wrong(option, "holds spaces, line breaks or non-ASCII");
    },
    whole(option, value, { min, max }) {
      if (Number.isInteger(value) && value >= min && value <= max) return value;
      return wrong(option, `is ${value}: give a whole number between ${min} and ${max}`);
    },
  };
}

/** The largest picture that an adapter may be told to take, in bytes, and what it takes when it is told nothing. */
export const IMAGE_BYTES = { min: 1, max: 256 * MIB, usual: 32 * MIB } as const;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** With an origin of its own a server would take us for another site's page. */
const OURS =
  /^(?:accept|accept-encoding|connection|content-.+|host|origin|te|trailer|transfer-encoding|upgrade)$/;
