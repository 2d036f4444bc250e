import {
  countMember,
  isObject,
  type JsonObject,
  member,
  parsed,
  textMember,
} from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import type { ImageOut, Meta, RunResult, Usage, Warning } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../fault-messages";
import { filteredNames } from "../upstream-report";

/** What was asked, as far as it helps to read the answer. */
export interface Asked {
  readonly n: number;
  readonly seeds?: { readonly first: number; readonly step: number };
  readonly warnings: readonly Warning[];
  readonly upstreamId?: string;
}

/** A multiple of four, so that every piece of base64 stands for whole bytes. */
const SLICE = 64 * 1024;

/**
 * Reads a success: bytes in, pictures out. The JSON is parsed whole; the pictures' data stays text until it is opened.
 *
 * @throws ProviderError `content_policy` when all pictures were withheld, `protocol` when there are none for another reason.
 * @see https://platform.openai.com/docs/api-reference/images/object
 */
export async function readAnswer({ headers, body }: HttpResponse, asked: Asked): Promise<RunResult> {
  if (!mayBeJson(headers["content-type"])) {
    await body[Symbol.asyncIterator]().return?.();
    throw unreadable();
  }
  const answer = parsed(await textOf(body));
  const data = member(answer, "data");
  if (!isObject(answer) || !Array.isArray(data)) throw isWithheld(answer) ? withheld() : unreadable();

  const hints = hintsOf(answer);
  const images: ImageOut[] = [];
  for (const [index, item] of data.entries()) {
    const image = imageOf(item, index, hints, asked);
    if (image && images.length < asked.n) images.push(image);
  }
  if (images.length === 0) throw [answer, ...data].some(isWithheld) ? withheld() : unreadable();

  const meta = metaOf(answer, asked, images.length);
  return { images, meta: () => meta };
}

/** Plain text and bytes are let through: a careless server's picture has been paid for all the same. */
const mayBeJson = (type: string | undefined): boolean =>
  type === undefined ||
  /^(?:(?:application|text)\/(?:[\w.+-]+\+)?json|text\/plain|application\/octet-stream)\s*(?:;|$)/i.test(
    type,
  );

const unreadable = () => new ProviderError("protocol", FAULT_MESSAGES.protocol, { started: "yes" });

const withheld = () =>
  new ProviderError("content_policy", FAULT_MESSAGES.content_policy, {
    started: "yes",
    moderation: { stage: "output" },
  });

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** xAI: `respect_moderation: false`; Azure: a category that is `filtered`; others: a finish reason. */
function isWithheld(value: unknown): boolean {
  return (
    member(value, "respect_moderation") === false ||
    /content_?filter/i.test(textMember(value, "finish_reason") ?? "") ||
    filteredNames(member(value, "content_filter_results")).length > 0 ||
    filteredNames(member(value, "prompt_filter_results")).length > 0
  );
}

type Hints = Pick<ImageOut, "type" | "width" | "height">;

function hintsOf(answer: JsonObject): Hints {
  const format = textMember(answer, "output_format");
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(textMember(answer, "size") ?? "") ?? [];
  return {
    ...(format !== undefined && /^[a-z]{3,5}$/.test(format) ? { type: `image/${format}` } : {}),
    ...(width === undefined || height === undefined ? {} : { width: Number(width), height: Number(height) }),
  };
}

function imageOf(item: unknown, index: number, hints: Hints, { seeds }: Asked): ImageOut | undefined {
  const data = member(item, "respect_moderation") === false ? undefined : dataOf(item);
  if (!data) return undefined;
  const revisedPrompt = textMember(item, "revised_prompt");
  return {
    data,
    ...hints,
    ...(revisedPrompt === undefined ? {} : { revisedPrompt }),
    ...(seeds === undefined ? {} : { seed: seeds.first + index * seeds.step }),
  };
}

/** Base64 wins over a URL: it needs no second request. Some servers put a data URL into either. */
function dataOf(item: unknown): ImageOut["data"] | undefined {
  const url = textMember(item, "url");
  const base64 = textMember(item, "b64_json") ?? (url?.startsWith("data:") ? url : undefined);
  if (base64 !== undefined) return { as: "base64", open: () => slices(plainBase64(base64)) };
  return url === undefined ? undefined : { as: "url", url };
}

function plainBase64(text: string): string {
  const bare = text.replace(/^data:[^,]{0,128},/, "");
  return /\s/.test(bare) ? bare.replace(/\s+/g, "") : bare;
}

async function* slices(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < text.length; start += SLICE)
    yield Buffer.from(text.slice(start, start + SLICE));
}

function metaOf(answer: JsonObject, asked: Asked, count: number): Meta {
  const created = countMember(answer, "created");
  const usage = usageOf(member(answer, "usage"));
  const quality = textMember(answer, "quality");
  const background = textMember(answer, "background");
  const short = { param: "n", message: `the upstream made ${count} of ${asked.n} images` };
  return {
    ...(asked.upstreamId === undefined ? {} : { upstreamId: asked.upstreamId }),
    ...(created === undefined ? {} : { created }),
    ...(usage === undefined ? {} : { usage }),
    warnings: count < asked.n ? [...asked.warnings, short] : asked.warnings,
    effective: {
      ...(quality === undefined ? {} : { quality }),
      ...(background === undefined ? {} : { background }),
    },
  };
}

/** Servers that count no tokens fill the object with zeros: that is no usage. */
function usageOf(usage: unknown): Usage | undefined {
  const total = countMember(usage, "total_tokens");
  if (!total) return undefined;
  const details = member(usage, "input_tokens_details");
  return {
    totalTokens: total,
    ...named("inputTokens", countMember(usage, "input_tokens")),
    ...named("outputTokens", countMember(usage, "output_tokens")),
    ...(isObject(details)
      ? {
          inputTokensDetails: {
            ...named("textTokens", countMember(details, "text_tokens")),
            ...named("imageTokens", countMember(details, "image_tokens")),
          },
        }
      : {}),
  };
}

const named = <Name extends string>(name: Name, value: number | undefined): { [Key in Name]?: number } => {
  const pair: { [Key in Name]?: number } = {};
  if (value !== undefined) pair[name] = value;
  return pair;
};
