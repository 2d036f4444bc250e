import type { IncomingMessage } from "node:http";
import type { Caller } from "../core/callers/caller";
import { GatewayError, type Principal } from "../ports";

/** What a request says of being a repeat. */
export interface Repeats {
  readonly idempotencyKey: string | undefined;
  /** An OpenAI SDK sends it again by itself. */
  readonly isRetry: boolean;
  /** It will be sent again, marked as such, when its answer does not arrive: these SDKs count from their first attempt on. */
  readonly comesAgain: boolean;
}

const LONGEST_KEY = 255;
/** All anonymous callers are one to us: a key that another one could guess would give the pictures away. */
const UNGUESSABLE = 32;

/**
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ the key, as a structured string or as it stands
 * @throws GatewayError `invalid_value`
 */
export function repeatsOf<P extends Principal>(req: IncomingMessage, caller: Caller<P>): Repeats {
  const key = idempotencyKeyOf(req);
  if (key !== undefined && caller.anonymous && key.length < UNGUESSABLE) {
    throw invalid(`without an account it must be random and at least ${UNGUESSABLE} characters long`);
  }
  const retries = retriesOf(req);
  return {
    idempotencyKey: key,
    isRetry: retries !== undefined && retries > 0,
    comesAgain: retries !== undefined,
  };
}

function retriesOf(req: IncomingMessage): number | undefined {
  const count = req.headers["x-stainless-retry-count"];
  return typeof count === "string" && /^\d{1,9}$/.test(count) ? Number(count) : undefined;
}

function idempotencyKeyOf(req: IncomingMessage): string | undefined {
  const value = req.headers["idempotency-key"];
  if (value === undefined || value === "") return undefined;
  const key = typeof value === "string" ? plainKey(value) : undefined;
  if (key === undefined || key.length === 0 || key.length > LONGEST_KEY) {
    throw invalid(`expected 1 to ${LONGEST_KEY} characters, as they stand or as a quoted string`);
  }
  return key;
}

/** Two headers of one name arrive as one with a comma in it, which no plain key has. */
function plainKey(value: string): string | undefined {
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(value)?.[1];
  if (quoted !== undefined) return quoted.replace(/\\(["\\])/g, "$1");
  return /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/.test(value) ? value : undefined;
}

const invalid = (why: string): GatewayError =>
  new GatewayError("invalid_value", `Invalid 'Idempotency-Key': ${why}.`, { param: "Idempotency-Key" });
