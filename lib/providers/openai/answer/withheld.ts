import { isObject, member, textMember } from "../../../internal/json-shape";
import { ProviderError } from "../../../ports/provider-error";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";
import { filteredNames } from "../../upstream/report";

/** xAI: `respect_moderation: false`; Azure: a category that is `filtered`; others: a finish reason. */
export function isWithheld(value: unknown): boolean {
  return (
    member(value, "respect_moderation") === false ||
    /content_?filter/i.test(textMember(value, "finish_reason") ?? "") ||
    filteredNames(member(value, "content_filter_results")).length > 0 ||
    filteredNames(member(value, "prompt_filter_results")).length > 0
  );
}

/** An error that comes as a success: `{error: {…}}`, `{error: "…"}`. */
export const saysError = (value: unknown): boolean =>
  isObject(member(value, "error")) || textMember(value, "error") !== undefined;

export const withheld = () =>
  new ProviderError("content_policy", FAULT_MESSAGES.content_policy, {
    started: "yes",
    moderation: { stage: "output" },
  });

export const unreadable = () => new ProviderError("protocol", FAULT_MESSAGES.protocol, { started: "yes" });
