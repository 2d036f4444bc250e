import { member } from "../../../internal/json-shape";
import { mask } from "../../../internal/mask";
import type { Fault, ProviderError } from "../../../ports/provider-error";
import type { Place } from "../fetch/traffic";
import type { Field } from "../model/fields";
import { refusalIn, refused, soundsRefused } from "../refusal";
import { failed } from "./failed";
import { networkFault } from "./network-fault";
import { startedAt } from "./place";
import type { Thrown } from "./thrown";

/** What an adapter checks before it sends anything. */
const BEFOREHAND = new Map<string, Fault>([
  ["AI_LoadAPIKeyError", "misconfigured"],
  ["AI_LoadSettingError", "misconfigured"],
  ["AI_NoSuchModelError", "not_found"],
  ["AI_NoSuchProviderError", "not_found"],
  ["AI_InvalidArgumentError", "invalid_request"],
  ["AI_InvalidPromptError", "invalid_request"],
  ["AI_UnsupportedFunctionalityError", "unsupported_param"],
]);

/** Only the adapter can say what is wrong with the request. */
const EXPLAINED: ReadonlySet<Fault> = new Set(["invalid_request", "unsupported_param"]);

/** What an adapter cannot make sense of: by then the upstream has answered. */
const AFTERWARDS: ReadonlySet<string> = new Set([
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_DownloadError",
]);

const GIVEN_UP: ReadonlySet<unknown> = new Set(["failed", "canceled", "cancelled", "aborted", "error"]);
const TIME_UP = /\btimed out\b|\bdid not complete\b/i;
const BROKE = /\bgeneration failed\b/i;
const ENDED_BY_ITSELF: ReadonlySet<string> = new Set(["AbortError", "TimeoutError", "ResponseAborted"]);

/**
 * What an error without an answer means, by its name, its code or the words of its message.
 *
 * @param param the field that it is about
 */
export function byWord(
  told: Thrown,
  place: Place,
  secrets: readonly string[],
  param: Field | undefined,
): ProviderError {
  const { names, codes, data, message } = told;
  const said = mask(message, secrets);
  const cause = { cause: said };
  const network = networkFault(codes);
  if (network !== undefined) return failed(network.fault, startedAt(place, network.started), cause);
  const refusal = refusalIn(data);
  // Without the prompt, which may speak of anything.
  if (refusal !== undefined || soundsRefused(said)) return refused(refusal);
  const beforehand = BEFOREHAND.get(names[0] ?? "");
  if (beforehand !== undefined) {
    const started = place === "later" ? "yes" : "no";
    const words = param === undefined ? said : `The model does not take this '${param}'.`;
    const info = param === undefined ? cause : { ...cause, param };
    return failed(beforehand, started, info, EXPLAINED.has(beforehand) ? words : "");
  }
  const started = startedAt(place, "maybe");
  if (TIME_UP.test(message) || names.some((name) => ENDED_BY_ITSELF.has(name))) {
    return failed("timeout", started, cause);
  }
  if (GIVEN_UP.has(member(data, "status") ?? member(data, "state")))
    return failed("unavailable", "yes", cause);
  if (BROKE.test(message)) return failed("unavailable", started, cause);
  if (names.some((name) => AFTERWARDS.has(name))) return failed("protocol", "yes", cause);
  return failed("internal", started, cause);
}
