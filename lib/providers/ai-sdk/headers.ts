import { isObject, member } from "../../internal/json-shape";

/** Header names in lower case; what is no text is left out. */
export function headersOf(holder: unknown, name = "headers"): Readonly<Record<string, string>> {
  const headers = member(holder, name);
  const entries = isObject(headers) ? Object.entries(headers) : [];
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === "string" ? [[key.toLowerCase(), value]] : [])),
  );
}
