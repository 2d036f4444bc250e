import type { Warning } from "../ports";

const MAX_ITEMS = 8;
const MAX_BYTES = 1024;

/** `x-image-warnings`: a list of strings as in RFC 8941 §3.1; what is not printable ASCII is percent-encoded. */
export function warningsHeader(warnings: readonly Warning[]): string | undefined {
  if (warnings.length === 0) return undefined;
  const items: string[] = [];
  let bytes = 0;
  for (const { param, message } of warnings.slice(0, MAX_ITEMS)) {
    const item = quoted(param === undefined ? message : `${param}: ${message}`);
    bytes += item.length + 2;
    if (bytes > MAX_BYTES) break;
    items.push(item);
  }
  return items.length === 0 ? undefined : items.join(", ");
}

function quoted(text: string): string {
  const ascii = text
    .toWellFormed()
    .replaceAll("%", "%25")
    .replace(/[^\x20-\x7e]+/g, encodeURIComponent);
  return `"${ascii.replace(/["\\]/g, "\\$&")}"`;
}
