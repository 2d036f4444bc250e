import { parsed } from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import { type Fault, ProviderError } from "../../ports/provider-error";
import { beginningOf, errorSaid } from "../upstream/error-answer";
import type { Model } from "./models";

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
  /** Gets the body as JSON, `undefined` when it is none; answers nothing for shapes that `errorSaid` reads by itself. */
  reword(body: unknown): Wording | undefined;
}

/** The error of an answer that is no success, its `param` in the words of our request. A broken body counts as far as it came. */
export async function hostedRefusal(
  response: HttpResponse,
  { secrets, model, reword }: Reading,
): Promise<ProviderError> {
  const text = await beginningOf(response.body);
  const wording = reword(parsed(text));
  const { input, ...error } = wording ?? {};
  const refused = errorSaid(response, wording === undefined ? text : JSON.stringify({ error }), secrets);
  const param = input === undefined || model === undefined ? undefined : fieldOf(input, model);
  if (param === undefined || !AT_FIELD.has(refused.fault)) return refused;
  return new ProviderError(refused.fault, refused.message, { ...refused.info, param });
}

/** What a caller wrote that went into an input. */
function fieldOf(input: string, { card, fields, inputs }: Model): string | undefined {
  const [renamed] = Object.entries(inputs.extra ?? {}).find(([, name]) => name === input) ?? [];
  return fields.get(input) ?? renamed ?? (card.extra?.includes(input) ? input : undefined);
}
