import { isObject, type JsonObject, member, textMember } from "../../internal/json-shape";
import type { ImageOut, RunContext } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { notPictures, otherThanPicture } from "../hosted/pictures";
import { begun } from "../hosted/polling";
import { providerError } from "../upstream/transport-fault";
import type { ResolvedReplicateOptions } from "./options";
import { refusal } from "./refusal";

/** Inputs, outputs and logs are removed an hour after the end. */
const KEPT_MS = 3_600_000;

/**
 * The pictures of a prediction that succeeded: a link, or a list of links.
 *
 * @throws ProviderError `protocol` for anything else, in words
 * @see https://replicate.com/docs/topics/predictions/output-files
 */
export function picturesOf(
  prediction: JsonObject,
  options: ResolvedReplicateOptions,
  ctx: RunContext,
): readonly ImageOut[] {
  if (member(prediction, "data_removed") === true) {
    throw new ProviderError("unavailable", "the upstream no longer has the pictures", { started: "yes" });
  }
  const output = member(prediction, "output") ?? [];
  const links: readonly unknown[] = Array.isArray(output) ? output : [output];
  const expiresAt = endedAt(prediction) + KEPT_MS;
  return links.map((link) => {
    if (typeof link !== "string") throw notPictures(isObject(link) ? "an object" : "something else");
    const what = otherThanPicture(link);
    if (what !== undefined) throw notPictures(what);
    return isOwn(link, options.baseUrl)
      ? { data: { as: "bytes", open: () => opened(link, options, ctx) } }
      : { data: { as: "url", url: link, expiresAt } };
  });
}

function endedAt(prediction: JsonObject): number {
  const end = Date.parse(textMember(prediction, "completed_at") ?? "");
  return Number.isNaN(end) ? Date.now() : end;
}

/** Files of the API itself are given out for the token only, which goes nowhere else. */
const isOwn = (link: string, baseUrl: string): boolean => new URL(link).origin === new URL(baseUrl).origin;

async function* opened(
  url: string,
  { headers, secrets, maxImageBytes }: ResolvedReplicateOptions,
  { http, signal }: RunContext,
): AsyncGenerator<Uint8Array> {
  try {
    const request = { method: "GET", url, headers, signal, maxBytes: maxImageBytes } as const;
    const response = await http.request(request);
    if (response.status !== 200) throw begun(await refusal(response, secrets));
    yield* response.body;
  } catch (error) {
    throw providerError(error, signal, true);
  }
}
