import { checkOptionNames } from "../internal/option-names";
import type { Clock } from "../ports";

export interface LimitOptions {
  /** How long an image can be read after it was written, in seconds. */
  readonly ttlSeconds?: number;
  /** What all images together may take, in bytes. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

export type Limits = Required<LimitOptions>;

/**
 * Checks the options all stores have and fills in their defaults.
 *
 * @throws TypeError naming the option and the remedy
 */
export function resolveLimits(
  store: string,
  options: LimitOptions,
  about: { readonly known: readonly string[]; readonly maxBytes: number },
): Limits {
  checkOptionNames(store, options, about.known);
  const { ttlSeconds = 3600, maxBytes = about.maxBytes, clock = Date.now } = options;
  if (!Number.isFinite(ttlSeconds) || ttlSeconds <= 0) {
    throw new TypeError(`${store}: option "ttlSeconds" must be a number of seconds above 0.`);
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    throw new TypeError(`${store}: option "maxBytes" must be a whole number of bytes above 0.`);
  }
  if (typeof clock !== "function") {
    throw new TypeError(
      `${store}: option "clock" must be a function that returns epoch milliseconds; leave it out.`,
    );
  }
  return { ttlSeconds, maxBytes, clock };
}
