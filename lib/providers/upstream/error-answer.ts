import { KIB } from "../../internal/byte-sizes";
import { defined } from "../../internal/defined";
import { mask } from "../../internal/mask";
import { EXPLAINED_FAULTS } from "../../ports/explained-faults";
import type { HttpResponse } from "../../ports/http-client";
import { type Fault, ProviderError, type ProviderErrorInfo } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "./fault-messages";
import { readReport, type UpstreamReport } from "./report";
import { retryAfterMs } from "./retry-after";
import { verdictOf } from "./status-fault";

const MAX_ERROR_BYTES = 64 * KIB;

const RETRIABLE: ReadonlySet<Fault> = new Set(["rate_limit", "overloaded"]);
const AT_FIELD: ReadonlySet<Fault> = new Set(["invalid_request", "unsupported_param", "not_found"]);

/** The upstream's name for a field of ours, where it has another. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  width: "size",
  height: "size",
  num_images: "n",
  num_outputs: "n",
};
const OUR_FIELDS =
  /^(?:model|prompt|n|size|quality|style|response_format|background|moderation|output_format|output_compression|user|seed|negative_prompt)$/;

/** Turns an answer that is no success into the error to reject with. Never rejects itself. */
export async function errorOf(response: HttpResponse, secrets: readonly string[]): Promise<ProviderError> {
  return errorSaid(response, await beginningOf(response.body), secrets);
}

/** The same for an answer whose text has been read. */
export function errorSaid(
  { headers, status }: Pick<HttpResponse, "headers" | "status">,
  text: string,
  secrets: readonly string[],
): ProviderError {
  const report = readReport(text);
  const wait = retryAfterMs(headers, report.message);
  const { fault, started } = verdictOf(status, report, wait !== undefined);
  const said = status < 400 ? "a redirect, which is not followed" : mask(report.message, secrets);
  const message = EXPLAINED_FAULTS.has(fault) && said !== "" ? said : FAULT_MESSAGES[fault];

  const code = token(report.code, secrets);
  const param = AT_FIELD.has(fault) ? ourParam(report) : undefined;
  const upstreamId = requestId(headers, secrets);
  const advice = headers["x-should-retry"];
  const info: ProviderErrorInfo = defined({
    status,
    started,
    upstreamCode: code,
    param,
    ...(wait === undefined || !RETRIABLE.has(fault) ? {} : { retryAfterMs: wait }),
    ...(advice === "true" || advice === "false" ? { upstreamSaysRetry: advice === "true" } : {}),
    ...(fault === "content_policy" ? { moderation: moderationOf(report, secrets) } : {}),
    upstreamId,
    ...(said === "" ? {} : { cause: said }),
  });
  return new ProviderError(fault, message, info);
}

/** What an error means that comes in the midst of a success: the work was under way. */
export function errorInStream(text: string, secrets: readonly string[]): ProviderError {
  const report = readReport(text);
  const isRefusal = verdictOf(400, report, false).fault === "content_policy";
  const fault = isRefusal ? "content_policy" : "unavailable";
  const said = mask(report.message, secrets);
  const code = token(report.code, secrets);
  return new ProviderError(
    fault,
    isRefusal && said !== "" ? said : FAULT_MESSAGES[fault],
    defined({
      started: "yes",
      upstreamCode: code,
      ...(isRefusal ? { moderation: moderationOf(report, secrets) } : {}),
      ...(said === "" ? {} : { cause: said }),
    }),
  );
}

/** The upstream's id of an answer, if it is fit to be shown. */
export function requestId(headers: HttpResponse["headers"], secrets: readonly string[]): string | undefined {
  const id = headers["x-request-id"] ?? headers["apim-request-id"] ?? headers["request-id"] ?? "";
  const known = secrets.some((secret) => secret !== "" && id.toLowerCase().includes(secret.toLowerCase()));
  return /^[\w.:-]{1,128}$/.test(id) && !known ? id : undefined;
}

/** As much of the body as an error needs; a broken one counts as far as it came. */
export async function beginningOf(body: HttpResponse["body"]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status alone says enough; whether we were aborted is asked by the caller.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES).toString();
}

/** Short words only: a code is shown in logs and metrics. */
function token(text: string, secrets: readonly string[]): string | undefined {
  return /^[\w. /-]{1,64}$/.test(text) && mask(text, secrets) === text ? text : undefined;
}

function ourParam({ param, message }: UpstreamReport): string | undefined {
  const [, named = ""] =
    /^(?:invalid |missing |un(?:known|supported) parameter:? )?['"`]?([a-z_]+)\b/i.exec(message) ?? [];
  for (const name of [param, named]) {
    const ours = Object.hasOwn(OUR_NAMES, name) ? OUR_NAMES[name] : name;
    if (ours !== undefined && OUR_FIELDS.test(ours)) return ours;
  }
  return undefined;
}

function moderationOf({ stage, categories }: UpstreamReport, secrets: readonly string[]) {
  const shown = categories.slice(0, 20).filter((name) => token(name, secrets) !== undefined);
  return defined({ stage, ...(shown.length === 0 ? {} : { categories: shown }) });
}
