import { textInPieces } from "../../../internal/in-pieces";
import { countMember, listMember, parsed, textMember } from "../../../internal/json-shape";
import type { HttpResponse } from "../../../ports/http-client";
import type { ImageOut } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";

/**
 * Reads the pictures out of `{images: [base64], parameters, info}`. The JSON is parsed whole; a picture's data stays text until it is
 * opened. `info` is JSON in a string, or an empty one; it says which picture is the first that is no overview of all.
 *
 * @param asked the first seed is what the answer says, else the one that was sent
 * @throws ProviderError `protocol`; HttpError
 */
export async function readAnswer(
  { body }: HttpResponse,
  asked: { readonly n: number; readonly seed: number },
): Promise<ImageOut[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  const answer = parsed(Buffer.concat(pieces).toString());
  const info = parsed(textMember(answer, "info") ?? "");
  const seeds = listMember(info, "all_seeds");
  const pictures = listMember(answer, "images")
    .slice(countMember(info, "index_of_first_image") ?? 0)
    .filter((picture): picture is string => typeof picture === "string" && picture !== "")
    .slice(0, asked.n);
  if (pictures.length === 0) throw new ProviderError("protocol", FAULT_MESSAGES.protocol, { started: "yes" });
  return pictures.map((base64, index) => {
    const seed = seeds[index];
    return {
      data: { as: "base64", open: () => textInPieces(base64) },
      seed: typeof seed === "number" ? seed : asked.seed + index,
    };
  });
}
