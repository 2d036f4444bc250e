import { isObject, objectMember } from "../../internal/json-shape";
import type { JobRecord } from "../../ports";
import { isJobRecord } from "./record-shape";

/** A record as it lies in Redis, as JSON: what never changes, with the prompt, is written once. */
export interface RecordText {
  readonly base: string;
  readonly state: string;
}

export function toText(record: JobRecord): RecordText {
  const {
    id,
    owner,
    limitKey,
    requestId,
    clientRequestId,
    idempotencyKey,
    request,
    responseFormat,
    plan,
    ...rest
  } = record;
  const base = {
    id,
    owner,
    limitKey,
    requestId,
    clientRequestId,
    idempotencyKey,
    request,
    responseFormat,
    plan,
  };
  return { base: JSON.stringify(base), state: JSON.stringify(rest) };
}

/** `undefined`: it is none of ours. */
export function fromText({ base, state }: RecordText): JobRecord | undefined {
  const fixed = parsedFrozen(base);
  const changing = parsedFrozen(state);
  if (!isObject(fixed) || !isObject(changing)) return undefined;
  const { request: written } = fixed;
  if (!isObject(written)) return undefined;
  // A copy made through JSON has no null prototype, which `unknown` promises.
  const unknown = Object.freeze(Object.assign(Object.create(null), objectMember(written, "unknown")));
  const request = Object.freeze({ ...written, unknown });
  const record = Object.freeze({ ...fixed, ...changing, request });
  return isJobRecord(record) ? record : undefined;
}

function parsedFrozen(text: string): unknown {
  try {
    return JSON.parse(text, (_key, each: unknown) => Object.freeze(each));
  } catch {
    return undefined;
  }
}
