import { KIB } from "../../internal/byte-sizes";
import { inPieces } from "../../internal/in-pieces";
import { parsed } from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import { type Fault, ProviderError } from "../../ports/provider-error";
import { errorOf } from "../upstream/error-answer";
import type { Model } from "./models";

const MAX_BYTES = 64 * KIB;

const AT_FIELD: ReadonlySet<Fault> = new Set(["invalid_request", "unsupported_param", "content_policy"]);

/** What an error answer says, once it is taken out of the service's own shape. */
export interface Wording {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  readonly categories?: readonly unknown[] | undefined;
  /** The model's input at fault. */
  readonly input?: string | undefined;
}

interface Reading {
  readonly secrets: readonly string[];
  /** The model that was called, where it was about one. */
  readonly model: Model | undefined;
  /** Gets the body as JSON, `undefined` when it is none; answers nothing for shapes that `errorOf` reads by itself. */
  reword(body: unknown): Wording | undefined;
}

/** The error of an answer that is no success, its `param` in the words of our request. A broken body counts as far as it came. */
export async function hostedRefusal(
  response: HttpResponse,
  { secrets, model, reword }: Reading,
): Promise<ProviderError> {
  const text = await beginning(response.body);
  const wording = reword(parsed(text));
  const { input, ...error } = wording ?? {};
  const body = inPieces(Buffer.from(wording === undefined ? text : JSON.stringify({ error })));
  const refused = await errorOf({ ...response, body }, secrets);
  const param = input === undefined || model === undefined ? undefined : fieldOf(input, model);
  if (param === undefined || !AT_FIELD.has(refused.fault)) return refused;
  return new ProviderError(refused.fault, refused.message, { ...refused.info, param });
}

/** What a caller wrote that went into an input. */
function fieldOf(input: string, { card, fields, inputs }: Model): string | undefined {
  const [renamed] = Object.entries(inputs.extra ?? {}).find(([, name]) => name === input) ?? [];
  return fields.get(input) ?? renamed ?? (card.extra?.includes(input) ? input : undefined);
}

async function beginning(body: HttpResponse["body"]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= MAX_BYTES) break;
    }
  } catch {
    // The status alone says enough; whether we were aborted is asked by the caller.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString();
}
