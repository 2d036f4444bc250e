import { GatewayError } from "../ports";

const MAX_DEPTH = 32;
const MAX_KEYS = 128;

/**
 * Bounds depth and keys of parsed JSON, without recursion: deep values overflow the stack of whoever walks or prints them later.
 *
 * @throws GatewayError `invalid_json`
 */
export function checkShape(body: unknown): void {
  const open: { readonly value: object; readonly depth: number }[] = [];
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== "object" || value === null) return;
    if (depth > MAX_DEPTH)
      throw new GatewayError("invalid_json", `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
    open.push({ value, depth });
  };
  visit(body, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const values: readonly unknown[] = Object.values(next.value);
    if (!Array.isArray(next.value) && values.length > MAX_KEYS) {
      throw new GatewayError("invalid_json", `An object in the JSON has more than ${MAX_KEYS} keys.`);
    }
    for (const value of values) visit(value, next.depth + 1);
  }
}
