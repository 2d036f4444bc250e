import { MIB } from "../../internal/byte-sizes";
import { defined } from "../../internal/defined";
import { countMember, member, parsed, textMember } from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import type { ModelCard } from "../../ports/model-card";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { completed } from "./cards";
import type { Dialect } from "./dialects";
import { familyOf } from "./families";

export const MAX_LIST_BYTES = MIB;
const MAX_MODELS = 1_000;

/** No control characters, no spaces around, and short enough to be shown. */
const MODEL_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

/**
 * Reads `GET /models`. OpenAI lists every model there, so only those that draw by their name are taken.
 *
 * @throws ProviderError `protocol`
 */
export async function readModels({ body }: HttpResponse, dialect: Dialect): Promise<readonly ModelCard[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const data = member(parsed(Buffer.concat(chunks).toString()), "data");
  if (!Array.isArray(data)) throw new ProviderError("protocol", FAULT_MESSAGES.protocol, { started: "no" });

  const cards = new Map<string, ModelCard>();
  for (const item of data.slice(0, MAX_MODELS)) {
    const id = textMember(item, "id");
    if (id === undefined || !MODEL_ID.test(id)) continue;
    if (dialect.openaiModels && familyOf(id) === "other") continue;
    const created = countMember(item, "created");
    cards.set(id, completed(defined({ id, created }), dialect));
  }
  return [...cards.values()];
}
