/** A longer wait than this is no longer one that somebody waits for. */
const LONGEST_MS = 3_600_000;

const SPOKEN =
  /\b(?:in|after)\s+~?(\d{1,6}(?:\.\d{1,3})?)\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?)\b/i;

/**
 * How long an upstream asks us to wait, in milliseconds: `retry-after-ms`, `Retry-After` in seconds or as a date, or words such as
 * "try again in 20s" and "resets in ~30s".
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  text: string,
  now: number = Date.now(),
): number | undefined {
  const asked =
    number(headers["retry-after-ms"], 1) ??
    number(headers["retry-after"], 1_000) ??
    date(headers["retry-after"], now) ??
    spoken(text);
  return asked === undefined ? undefined : Math.min(Math.max(Math.round(asked), 0), LONGEST_MS);
}

function number(value: string | undefined, unitMs: number): number | undefined {
  return value !== undefined && /^\s*\d{1,12}(?:\.\d{1,6})?\s*$/.test(value)
    ? Number(value) * unitMs
    : undefined;
}

/** Only a date that names its day: `Date.parse` takes almost anything else for one too. */
function date(value: string | undefined, now: number): number | undefined {
  if (value === undefined || !/^[A-Z][a-z]{2}, /.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at - now;
}

function spoken(text: string): number | undefined {
  const [, amount, unit = ""] = SPOKEN.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (/^m(?:s|illi)/i.test(unit)) return Number(amount);
  return Number(amount) * (unit.toLowerCase().startsWith("m") ? 60_000 : 1_000);
}
