import { isObject, type JsonObject, listMember, textMember } from "../../internal/json-shape";
import { mask } from "../../internal/mask";
import type { HttpResponse } from "../../ports/http-client";
import { type Fault, ProviderError } from "../../ports/provider-error";
import type { Model } from "../hosted/models";
import { hostedRefusal, type Wording } from "../hosted/refusal";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { isSuccess } from "../upstream/json-exchange";

/**
 * fal's error answers: `{detail: [{loc: ["body", "seed"], msg, type, categories}]}` of models, `{detail: "text", error_type}` of the
 * service, with `X-Fal-Retryable` and `X-Fal-Request-Id`.
 *
 * @see https://fal.ai/docs/documentation/model-apis/errors
 * @see https://fal.ai/docs/documentation/model-apis/request-errors
 */
export function refusal(
  response: HttpResponse,
  secrets: readonly string[],
  model?: Model,
): Promise<ProviderError> {
  const { headers, status } = response;
  const translated = {
    ...headers,
    "x-should-retry": headers["x-fal-retryable"] ?? "",
    "x-request-id": headers["x-fal-request-id"] ?? "",
  };
  return hostedRefusal(
    { ...response, headers: translated },
    {
      secrets,
      model,
      reword(body): Wording | undefined {
        const [first] = listMember(body, "detail");
        if (isObject(first)) {
          const place = listMember(first, "loc").at(-1);
          return {
            message: textMember(first, "msg"),
            code: textMember(first, "type"),
            categories: listMember(first, "categories"),
            input: typeof place === "string" ? place : undefined,
          };
        }
        const message = textMember(body, "detail");
        if (message === undefined) return undefined;
        return { message, code: codeOf(status, message) ?? textMember(body, "error_type") };
      },
    },
  );
}

/** An empty account is told as a refused key. */
function codeOf(status: number, message: string): string | undefined {
  if (status === 404) return "model_not_found";
  return status === 403 && /\bexhausted balance\b/i.test(message) ? "insufficient_quota" : undefined;
}

/** No runner had taken it. */
const NEVER_BEGUN: ReadonlySet<string> = new Set(["runner_scheduling_failure", "startup_timeout"]);
const FAULTS: Readonly<Record<string, Fault>> = {
  request_timeout: "timeout",
  startup_timeout: "timeout",
  runner_connection_timeout: "timeout",
  generation_timeout: "timeout",
  client_cancelled: "cancelled",
  client_disconnected: "cancelled",
};

/**
 * Work that has ended badly: its result is an error answer.
 *
 * @param status what the queue says of the work
 */
export async function failedWork(
  response: HttpResponse,
  status: JsonObject,
  secrets: readonly string[],
  model: Model,
): Promise<ProviderError> {
  const { headers } = response;
  if (isSuccess(response)) {
    const cause = mask(textMember(status, "error") ?? "", secrets);
    return new ProviderError("internal", "the model failed at the work", { started: "yes", cause });
  }
  const refused = await refusal(response, secrets, model);
  const type =
    textMember(status, "error_type") ?? headers["x-fal-error-type"] ?? refused.info.upstreamCode ?? "";
  const isLate = headers["x-fal-request-timeout-type"] === "user";
  const named = isLate ? "timeout" : Object.hasOwn(FAULTS, type) ? FAULTS[type] : undefined;
  return new ProviderError(named ?? refused.fault, named ? FAULT_MESSAGES[named] : refused.message, {
    ...refused.info,
    started: isLate || NEVER_BEGUN.has(type) ? "no" : "yes",
  });
}
