import { shortened } from "./shortened";

const MAX_SHOWN = 300;
/** Patterns look at no more than this, so that none of them can be made slow. */
const MAX_READ = 2_000;
/** Replacing anything shorter would only tear words apart. */
const SHORTEST_SECRET = 4;

/** What an upstream's text may hold beside the secrets that we know, and what is shown in its place; order matters. */
const PATTERNS: readonly (readonly [pattern: RegExp, shown: string | ((found: string) => string)])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi, "[url]"],
  [/\bdata:[\w/+.-]+[;,][^\s"'<>]+/gi, "[data]"],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, "[redacted]"],
  [/\b(?:api[-_ ]?key|authorization|token|secret|password|signature)["']?\s*[:=]\s*[^\s,;]+/gi, "[redacted]"],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, "[address]"],
  [
    /(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})\]?(?::\d{1,5})?(?![\w:])/gi,
    "[address]",
  ],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w])/g, "[address]"],
  [
    /(?<![\w.-])[a-z0-9][a-z0-9.-]{0,252}:\d{2,5}(?!\w)/gi,
    (found) => (/[a-z]/i.test(found) ? "[address]" : found),
  ],
  [/(?<![\w.-])[a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63}){0,8}\.[a-z]{2,24}(?![\w-])/gi, "[name]"],
  [/(?<![\w])[a-z]:\\[^\s"'<>|]*/gi, "[path]"],
  [/\\\\[^\s"'<>|]+/g, "[path]"],
  [/(?<![\w/])(?:~|\.{1,2})?\/[^\s"'<>,;:()]+/g, "[path]"],
  [/\b(?:sk|pk|rk|key|org|proj|hf|r8|xai|gsk|ghp)[-_][\w-]{4,}/gi, "[redacted]"],
  [/[\w+/=-]{20,}/g, (found) => (looksRandom(found) ? "[redacted]" : found)],
];

/** Long words of prose, snake_case and CamelCase have no digits and few capitals inside. */
function looksRandom(token: string): boolean {
  return /\d/.test(token) || (token.match(/[a-z][A-Z]/g)?.length ?? 0) > 3;
}

/**
 * Makes another system's text safe to show: no key, URL, address, host with port, path or long token, none of `secrets`
 * (in any case), no control characters, at most 300 characters. What is left may be the empty string.
 */
export function mask(text: string, secrets: readonly string[] = []): string {
  let shown = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  for (const secret of secrets) {
    const plain = secret.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
    if (plain.length >= SHORTEST_SECRET)
      shown = shown.replace(new RegExp(escaped(plain), "gi"), "[redacted]");
  }
  // A word that the limit cuts in two may be a secret that no pattern knows by its half.
  if (shown.length > MAX_READ) shown = shown.slice(0, MAX_READ).replace(/\S*$/, "");
  for (const [pattern, replacement] of PATTERNS) {
    shown =
      typeof replacement === "string"
        ? shown.replace(pattern, replacement)
        : shown.replace(pattern, replacement);
  }
  shown = shown.replace(/\s+/g, " ").trim();
  return shortened(shown, MAX_SHOWN);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
