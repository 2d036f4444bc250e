import { types } from "node:util";
import { defined } from "../../../internal/defined";
import { inPieces, textInPieces } from "../../../internal/in-pieces";

import { countMember, isObject, listMember, member, textMember } from "../../../internal/json-shape";
import type { ImageOut, Meta, RunResult, Usage, Warning } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import { requestId } from "../../upstream/error-answer";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";
import { headersOf } from "../headers";
import { isWithheld, refusalInMetadata, refused } from "../refusal";

/** What was asked, as far as it helps to read the result. */
export interface Asked {
  readonly n: number;
  /** Of the one picture, where there is one. */
  readonly seed: number | undefined;
  readonly maxImageBytes: number;
  readonly warnings: readonly Warning[];
  readonly secrets: readonly string[];
}

/**
 * Reads what a model resolved to, whichever version. The pictures are held until they are read: the AI SDK hands them out whole.
 *
 * @throws ProviderError `content_policy` when a filter left none, `protocol` when there is none for another reason.
 */
export function readResult(result: unknown, asked: Asked): RunResult {
  const metadata = member(result, "providerMetadata");
  const notes = notesOf(metadata);
  const images: ImageOut[] = [];
  let tooLarge = 0;
  for (const [index, picture] of listMember(result, "images").entries()) {
    const note = notes[index];
    const data = isWithheld(note) ? undefined : dataOf(picture);
    if (data === undefined) continue;
    if (data.bytes > asked.maxImageBytes) tooLarge += 1;
    else images.push({ data: data.out, ...factsOf(note, asked.seed) });
  }
  if (images.length === 0) throw nothing(metadata, tooLarge);
  const handed = images.slice(0, asked.n);
  const meta = metaOf(result, notes[0], handed.length, asked);
  return { images: handed, meta: () => meta };
}

function nothing(metadata: unknown, tooLarge: number): ProviderError {
  const refusal = refusalInMetadata(metadata);
  if (refusal !== undefined) return refused(refusal);
  const message = tooLarge > 0 ? "the upstream's picture is larger than allowed" : FAULT_MESSAGES.protocol;
  return new ProviderError("protocol", message, { started: "yes" });
}

/** An adapter's notes on the pictures, in their order. */
function notesOf(metadata: unknown): readonly unknown[] {
  const told = isObject(metadata) ? Object.values(metadata) : [];
  return told.map((each) => listMember(each, "images")).find(({ length }) => length > 0) ?? [];
}

/** By shape: bytes may come from another realm. */
function dataOf(picture: unknown): { readonly out: ImageOut["data"]; readonly bytes: number } | undefined {
  if (typeof picture === "string" && picture !== "") {
    const bytes = Buffer.byteLength(picture, "base64");
    return { out: { as: "base64", open: () => textInPieces(picture) }, bytes };
  }
  if (!types.isUint8Array(picture) || picture.byteLength === 0) return undefined;
  return { out: { as: "bytes", open: () => inPieces(picture) }, bytes: picture.byteLength };
}

function factsOf(note: unknown, asked: number | undefined): Pick<ImageOut, "revisedPrompt" | "seed"> {
  const revisedPrompt = textMember(note, "revisedPrompt") ?? textMember(note, "revised_prompt");
  const seed = countMember(note, "seed") ?? asked;
  return defined({ revisedPrompt, seed });
}

function metaOf(result: unknown, note: unknown, count: number, { n, warnings, secrets }: Asked): Meta {
  const upstreamId = requestId(headersOf(member(result, "response")), secrets);
  const usage = usageOf(member(result, "usage"));
  const quality = textMember(note, "quality");
  const background = textMember(note, "background");
  const short = { param: "n", message: `the upstream made ${count} of ${n} images` };
  return defined({
    upstreamId,
    usage,
    warnings: count < n ? [...warnings, short] : warnings,
    effective: defined({ quality, background }),
  });
}

/** Adapters of vendors that count no tokens give zeros or nothing. */
function usageOf(usage: unknown): Usage | undefined {
  const [inputTokens, outputTokens, totalTokens] = ["inputTokens", "outputTokens", "totalTokens"].map(
    (name) => countMember(usage, name) || undefined,
  );
  if ((inputTokens ?? outputTokens ?? totalTokens) === undefined) return undefined;
  return defined({ inputTokens, outputTokens, totalTokens });
}
