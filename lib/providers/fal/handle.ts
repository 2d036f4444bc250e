import { type JsonObject, textMember } from "../../internal/json-shape";
import type { UpstreamRef } from "../../ports/provider";

/** The addresses by which the queue has named one piece of work. */
export interface Handle {
  readonly id: string;
  readonly status: string;
  readonly response: string;
  readonly cancel: string;
}

/**
 * What the queue answered to new work as a name to be stored. The addresses are taken as they are given (a model's own path is not
 * in them), but for their origin: where the key goes is the operator's to say, not an answer's and not a store's.
 *
 * @returns nothing when it is incomplete, or lies elsewhere
 * @see https://fal.ai/docs/api-reference/inference-api
 */
export function refFrom(answer: JsonObject, provider: string, baseUrl: string): UpstreamRef | undefined {
  const id = textMember(answer, "request_id");
  const status = pathIn(textMember(answer, "status_url"), baseUrl);
  const response = pathIn(textMember(answer, "response_url"), baseUrl);
  const cancel = pathIn(textMember(answer, "cancel_url"), baseUrl);
  if (id === undefined || !/^[\w-]{1,128}$/.test(id)) return undefined;
  if (status === undefined || response === undefined || cancel === undefined) return undefined;
  return { provider, id, data: { status, response, cancel } };
}

/** The way back. @returns nothing for a name that {@link refFrom} has not made */
export function handleOf({ id, data = {} }: UpstreamRef, baseUrl: string): Handle | undefined {
  const status = addressOf(data["status"], baseUrl);
  const response = addressOf(data["response"], baseUrl);
  const cancel = addressOf(data["cancel"], baseUrl);
  if (status === undefined || response === undefined || cancel === undefined) return undefined;
  return { id, status, response, cancel };
}

function pathIn(address: string | undefined, baseUrl: string): string | undefined {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.origin !== new URL(baseUrl).origin || url.username !== "") return undefined;
  return url.pathname + url.search;
}

/** `//elsewhere` is a path that leads elsewhere. */
function addressOf(path: unknown, baseUrl: string): string | undefined {
  const { origin } = new URL(baseUrl);
  if (typeof path !== "string" || !path.startsWith("/") || !URL.canParse(path, origin)) return undefined;
  const url = new URL(path, origin);
  return url.origin === origin ? url.href : undefined;
}
