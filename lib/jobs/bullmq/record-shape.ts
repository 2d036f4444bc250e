import {
  countMember,
  isObject,
  type JsonObject,
  listMember,
  member,
  textMember,
} from "../../internal/json-shape";
import { ERROR_KINDS, type JobRecord } from "../../ports";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const isRequest: Check = (value) =>
  oneOf("generate", "edit", "variation")(member(value, "op")) &&
  textMember(value, "model") !== undefined &&
  text(member(value, "prompt")) &&
  countMember(value, "n") !== undefined &&
  isObject(member(value, "unknown"));

const isPlan: Check = (value) =>
  textMember(member(value, "card"), "id") !== undefined &&
  isObject(member(value, "fields")) &&
  listMember(value, "calls").length > 0 &&
  listMember(value, "calls").every((call) => countMember(call, "n") !== undefined) &&
  number(member(value, "concurrency")) &&
  (typeof member(value, "keeps") === "boolean" || member(value, "keeps") === "untilAnswered") &&
  number(member(value, "limitMs"));

const isImage: Check = (value) =>
  ["place", "bytes", "width", "height"].every((name) => countMember(value, name) !== undefined) &&
  text(member(value, "contentType")) &&
  optional((kept) => textMember(kept, "key") !== undefined)(member(value, "kept"));

const isError: Check = (value) =>
  Object.hasOwn(ERROR_KINDS, String(member(value, "code"))) &&
  text(member(value, "message")) &&
  text(member(value, "type")) &&
  typeof member(value, "retry") === "boolean";

const isRef: Check = (value) =>
  textMember(value, "id") !== undefined &&
  text(member(value, "provider")) &&
  countMember(value, "call") !== undefined;

const CHECKS: Readonly<Record<keyof JobRecord, Check>> = {
  id: text,
  owner: text,
  limitKey: text,
  requestId: text,
  clientRequestId: optional(text),
  fingerprint: optional(text),
  idempotencyKey: optional(text),
  abandonedAt: optional(number),
  request: isRequest,
  responseFormat: oneOf("url", "b64_json"),
  provider: text,
  plan: isPlan,
  seq: number,
  status: oneOf("queued", "in_progress", "completed", "failed", "cancelled"),
  progress: number,
  phase: optional(oneOf("queued", "loading", "sampling", "decoding", "saving")),
  step: optional(number),
  steps: optional(number),
  queuePosition: optional(number),
  expectedStartAt: optional(number),
  createdAt: number,
  startedAt: optional(number),
  completedAt: optional(number),
  expiresAt: optional(number),
  images: listOf(isImage),
  warnings: listOf((warning) => text(member(warning, "message"))),
  usage: optional(isObject),
  effective: optional(isObject),
  refs: listOf(isRef),
  error: optional(isError),
};

/** Redis may be shared, and older or newer versions of us may have written there: what is read is looked at before it is believed. */
export const isJobRecord = (value: JsonObject): value is JsonObject & JobRecord =>
  Object.entries(CHECKS).every(([name, check]) => check(member(value, name)));
