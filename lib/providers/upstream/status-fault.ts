import type { Fault } from "../../ports/provider-error";
import type { UpstreamReport } from "./report";

/** What an error answer means for whoever decides about a retry. */
export interface Verdict {
  readonly fault: Fault;
  /** `maybe` forbids sending again: the work may have been begun, and billed. */
  readonly started: "no" | "maybe" | "yes";
}

const MODERATION_CODE =
  /^(?:content_policy_violation|moderation_blocked|content_filter|content_moderation|content_policy|ResponsibleAIPolicyViolation)$/i;
const MODERATION_TEXT =
  /\b(?:safety system|content[ _-]?(?:management )?policy|content[ _-]moderation|content[ _-]filter|usage guidelines)\b/i;
const QUOTA_CODE = /^(?:insufficient_quota|billing_hard_limit_reached|billing_not_active|quota_exceeded)$/i;
const QUOTA_TEXT =
  /\bexceeded your current quota\b|\bout of credits\b|\binsufficient (?:balance|credits|funds)\b/i;
const NO_MODEL_CODE = /^(?:model_not_found|DeploymentNotFound)$/i;
const UNKNOWN_PARAMETER =
  /\bun(?:known|supported|recognized)[ _](?:parameter|argument|field)|^extra_forbidden\b/i;
const OVERLOADED = /\boverloaded\b|\bat capacity\b|\bqueue (?:is )?full\b|\btoo busy\b/i;
/** nlohmann::json of stable-diffusion.cpp: it could not even read the request. */
const UNREADABLE = /\[json\.exception\./;

const no = (fault: Fault): Verdict => ({ fault, started: "no" });
const maybe = (fault: Fault): Verdict => ({ fault, started: "maybe" });

/** Judges a status that is no success, together with what the body says. */
export function verdictOf(status: number, report: UpstreamReport, hasRetryAfter: boolean): Verdict {
  if (isModeration(status, report)) {
    return { fault: "content_policy", started: report.stage === "output" ? "yes" : "no" };
  }
  if (status >= 500) return serverVerdict(status, report, hasRetryAfter);
  if (status >= 400) return clientVerdict(status, report);
  // A redirect is not followed: it would carry the key elsewhere.
  return status >= 300 ? no("misconfigured") : maybe("protocol");
}

/** Azure blocks a whole resource with 403 and talks of the content policy: that is nobody's prompt. */
function isModeration(status: number, { code, type, message, categories, stage }: UpstreamReport): boolean {
  if (status < 400 || status >= 500) return false;
  if (MODERATION_CODE.test(code) || MODERATION_CODE.test(type)) return true;
  if (categories.length > 0 || stage !== undefined) return true;
  if (status === 403) return /\bviolates (?:our |the )?usage guidelines\b/i.test(message);
  return (status === 400 || status === 422) && MODERATION_TEXT.test(message);
}

function clientVerdict(status: number, report: UpstreamReport): Verdict {
  const { code, type, message } = report;
  if (QUOTA_CODE.test(code) || QUOTA_CODE.test(type) || QUOTA_TEXT.test(message)) return no("quota");
  if (status !== 401 && status !== 403 && NO_MODEL_CODE.test(code)) return no("not_found");
  switch (status) {
    case 401:
    case 403:
      return no("auth");
    case 402:
      return no("quota");
    case 404:
      return no(/\b(?:model|deployment)\b/i.test(message) ? "not_found" : "misconfigured");
    case 405:
    case 406:
    case 407:
    case 411:
    case 415:
    case 421:
    case 426:
      return no("misconfigured");
    case 408:
      return maybe("timeout");
    case 409:
    case 425:
      return no("overloaded");
    case 410:
      return no("not_found");
    case 429:
      return no("rate_limit");
    default:
      return no(UNKNOWN_PARAMETER.test(`${code} ${message}`) ? "unsupported_param" : "invalid_request");
  }
}

function serverVerdict(status: number, { code, message }: UpstreamReport, hasRetryAfter: boolean): Verdict {
  if (UNREADABLE.test(message)) return no("invalid_request");
  if (status === 501 || status === 505) return no("misconfigured");
  const overloaded = OVERLOADED.test(`${code} ${message}`);
  if (status === 529 || (status === 503 && (hasRetryAfter || overloaded))) return no("overloaded");
  return maybe("unavailable");
}
