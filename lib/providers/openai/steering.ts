import { isObject } from "../../internal/json-shape";
import { ProviderError } from "../../ports/provider-error";

/** Fields that would make an upstream fetch, write, call back or change its settings. */
const STEERING =
  /url|^file|^(?:ref_images|override_settings|alwayson_scripts|api_base|api_key|infotext)$|^webhook|^callback/i;

/** Fields that are ours to fill in: a second value would contradict what was checked and paid for. */
const RESERVED = new Set([
  "model",
  "prompt",
  "n",
  "size",
  "response_format",
  "stream",
  "partial_images",
  "batch_size",
  "image",
  "image[]",
  "images",
  "mask",
]);

const MAX_DEPTH = 8;

/**
 * Refuses further fields that steer the upstream, at any depth. The gateway filters them before; this is the second lock.
 *
 * @throws ProviderError `unsupported_param`
 */
export function refuseSteering(extra: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(extra)) {
    if (!RESERVED.has(name.toLowerCase()) && !steers(name, value, MAX_DEPTH)) continue;
    throw new ProviderError("unsupported_param", "this field may not be sent to the upstream", {
      started: "no",
      param: name,
    });
  }
}

function steers(name: string, value: unknown, depth: number): boolean {
  if (depth === 0 || STEERING.test(name)) return true;
  if (Array.isArray(value)) return value.some((item) => steers("", item, depth - 1));
  return isObject(value) && Object.entries(value).some(([key, inner]) => steers(key, inner, depth - 1));
}
