import { defined } from "../../internal/defined";
import { isObject, listMember, member, textMember } from "../../internal/json-shape";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../upstream/fault-messages";

/** Where a content filter stepped in: before the work, or on what came of it. */
export type Refusal = "input" | "output";

/** Black Forest Labs, and who hosts its models: the prompt was refused, or the picture. */
const STATUSES = new Map<unknown, Refusal>([
  ["Request Moderated", "input"],
  ["Content Moderated", "output"],
]);

/** Gemini's reasons that are about content. `NO_IMAGE` is not: the model had nothing to draw. */
const FINISH = /^(?:content[-_]?filter|(?:image_)?(?:safety|recitation|prohibited_content)|blocklist|spii)$/i;

/** What adapters write of a refusal where they keep nothing but a sentence of it. */
const SPOKEN = /\bcontent[ _-]?policy\b|\b(?:was|been) moderated\b|\bnsfw\b|\bsafety (?:system|filter)\b/i;

export const soundsRefused = (text: string): boolean => SPOKEN.test(text);

/** The refusal in an answer of an upstream's, or in what an adapter has kept of it. */
export function refusalIn(answer: unknown): Refusal | undefined {
  const said = STATUSES.get(member(answer, "status") ?? member(answer, "state"));
  if (said !== undefined) return said;
  if (soundsRefused(textMember(answer, "error") ?? "")) return "output";
  if (textMember(member(answer, "promptFeedback"), "blockReason") !== undefined) return "input";
  const reason = textMember(answer, "finishReason") ?? textMember(answer, "finish_reason") ?? "";
  return FINISH.test(reason) ? "output" : undefined;
}

/** Does an adapter's note on a picture say that the upstream's filter has struck it out? */
export const isWithheld = (note: unknown): boolean => member(note, "nsfw") === true;

/** The refusal in what an adapter tells of an answer, by vendor. */
export function refusalInMetadata(metadata: unknown): Refusal | undefined {
  const told = isObject(metadata) ? Object.values(metadata) : [];
  for (const each of told) {
    const refusal = refusalIn(each) ?? (listMember(each, "images").some(isWithheld) ? "output" : undefined);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** @param stage `undefined` = not told */
export const refused = (stage: Refusal | undefined): ProviderError =>
  new ProviderError(
    "content_policy",
    FAULT_MESSAGES.content_policy,
    defined({
      started: stage === "output" ? "yes" : "maybe",
      moderation: stage === undefined ? undefined : { stage },
    }),
  );
