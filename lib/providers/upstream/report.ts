import { isObject, member, parsed, textMember } from "../../internal/json-shape";

/** What an error answer says, whatever its shape. */
export interface UpstreamReport {
  /** As it came: not to be shown unmasked. */
  readonly message: string;
  readonly code: string;
  readonly type: string;
  /** In the upstream's words. */
  readonly param: string;
  readonly stage?: "input" | "output";
  readonly categories: readonly string[];
}

const NOTHING: UpstreamReport = { message: "", code: "", type: "", param: "", categories: [] };

/**
 * Reads every error shape that OpenAI-like servers were seen to send: `{error: {message, type, param, code}}`, `{error: "text"}`,
 * `{error: "code", message}`, `{code, error: "text"}`, `{detail: "text"}`, `{detail: [{loc, msg, type}]}`, `{detail: {error}}`,
 * `{name, errors: […]}`, `{message}`, plain text; nothing for HTML and for an empty body.
 */
export function readReport(body: string): UpstreamReport {
  const value = parsed(body);
  if (value === undefined) return { ...NOTHING, message: isMarkup(body) ? "" : body.trim() };
  const [first] = Array.isArray(value) ? value : [value];
  return isObject(first)
    ? fromObject(first)
    : { ...NOTHING, message: typeof first === "string" ? first : "" };
}

const isMarkup = (body: string): boolean => /^\s*<[!a-z?]/i.test(body);

function fromObject(body: Readonly<Record<string, unknown>>): UpstreamReport {
  const error = member(body, "error");
  if (isObject(error)) return fromError(error);
  const detail = member(body, "detail");
  if (Array.isArray(detail)) return fromValidation(detail);
  if (isObject(detail)) return fromObject(detail);
  const errors = member(body, "errors");
  const message =
    textMember(body, "message") ?? textMember(body, "detail") ?? (Array.isArray(errors) ? texts(errors) : "");
  const named = codeOf(body) || (textMember(body, "name") ?? "");
  if (typeof error !== "string")
    return { ...NOTHING, message, code: named, type: textMember(body, "type") ?? "" };
  // With a message beside it, `error` is the code; alone it is the message.
  return message === ""
    ? { ...NOTHING, message: error, code: named }
    : { ...NOTHING, message, code: named || error };
}

function fromError(error: Readonly<Record<string, unknown>>): UpstreamReport {
  // OpenAI says it in `moderation_details`, Azure in `inner_error`.
  const details = member(error, "moderation_details") ?? error;
  const inner = member(error, "inner_error") ?? member(error, "innererror");
  const stage = textMember(details, "moderation_stage");
  return {
    message: textMember(error, "message") ?? "",
    code: codeOf(error) || codeOf(inner),
    type: textMember(error, "type") ?? "",
    param: textMember(error, "param") ?? "",
    ...(stage === "input" || stage === "output" ? { stage } : {}),
    categories: [
      ...names(member(details, "categories")),
      ...filteredNames(member(inner, "content_filter_results")),
    ],
  };
}

/** FastAPI's and fal's list of complaints; the first one counts. */
function fromValidation(complaints: readonly unknown[]): UpstreamReport {
  const [first] = complaints;
  const place = member(first, "loc");
  const last: unknown = Array.isArray(place) ? place.at(-1) : undefined;
  return {
    ...NOTHING,
    message: textMember(first, "msg") ?? "",
    code: textMember(first, "type") ?? "",
    param: typeof last === "string" ? last : "",
  };
}

function codeOf(value: unknown): string {
  const code = member(value, "code");
  return typeof code === "string" || typeof code === "number" ? String(code) : "";
}

const texts = (values: readonly unknown[]): string =>
  values.filter((value) => typeof value === "string").join("; ");

/** A list of names, or an object whose members are true. */
function names(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((name) => typeof name === "string");
  return isObject(value) ? Object.keys(value).filter((name) => value[name] === true) : [];
}

/** Azure: `{violence: {filtered: true, severity: "high"}}`. */
export function filteredNames(value: unknown): string[] {
  if (!isObject(value)) return [];
  return Object.keys(value).filter((name) => member(value[name], "filtered") === true);
}
