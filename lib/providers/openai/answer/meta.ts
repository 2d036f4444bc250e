import { defined } from "../../../internal/defined";
import { countMember, isObject, member, textMember } from "../../../internal/json-shape";
import type { Meta, Usage, Warning } from "../../../ports/provider";

/** What was asked, as far as it helps to read the answer. */
export interface Asked {
  readonly n: number;
  /** Unfinished versions of each picture. Default 0. */
  readonly partials?: number;
  readonly seeds?: { readonly first: number; readonly step: number };
  readonly warnings: readonly Warning[];
  readonly upstreamId?: string;
}

/** What an answer says beside its pictures. @param count of the pictures */
export function metaOf(answer: unknown, asked: Asked, count: number): Meta {
  const created = countMember(answer, "created");
  const usage = usageOf(member(answer, "usage"));
  const quality = textMember(answer, "quality");
  const background = textMember(answer, "background");
  const short = { param: "n", message: `the upstream made ${count} of ${asked.n} images` };
  return defined({
    upstreamId: asked.upstreamId,
    created,
    usage,
    warnings: count < asked.n ? [...asked.warnings, short] : asked.warnings,
    effective: defined({ quality, background }),
  });
}

/** Servers that count no tokens fill the object with zeros: that is no usage. */
function usageOf(usage: unknown): Usage | undefined {
  const total = countMember(usage, "total_tokens");
  if (!total) return undefined;
  const details = member(usage, "input_tokens_details");
  return defined({
    totalTokens: total,
    inputTokens: countMember(usage, "input_tokens"),
    outputTokens: countMember(usage, "output_tokens"),
    inputTokensDetails: isObject(details)
      ? defined({
          textTokens: countMember(details, "text_tokens"),
          imageTokens: countMember(details, "image_tokens"),
        })
      : undefined,
  });
}

/** The seed of a picture, where the server's way with them is known. */
export const seedOf = ({ seeds }: Asked, index: number): number | undefined =>
  seeds && seeds.first + index * seeds.step;
