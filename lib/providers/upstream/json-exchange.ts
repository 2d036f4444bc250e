import { isObject, type JsonObject, parsed } from "../../internal/json-shape";
import type { HttpClient, HttpRequest, HttpResponse } from "../../ports/http-client";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "./fault-messages";

/** Who asks: carries the connections and the reason to stop. */
export interface Way {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

export interface JsonAnswer {
  readonly headers: HttpResponse["headers"];
  readonly json: JsonObject;
}

/**
 * One exchange whose answer is a JSON object.
 *
 * @throws what `refusal` makes of an answer that is no success; ProviderError `protocol` for one that cannot be read; HttpError
 */
export async function exchangeJson(
  { http, signal }: Way,
  request: Omit<HttpRequest, "signal">,
  refusal: (response: HttpResponse) => Promise<ProviderError>,
): Promise<JsonAnswer> {
  const response = await http.request({ ...request, signal });
  if (!isSuccess(response)) throw await refusal(response);
  return { headers: response.headers, json: await readJson(response) };
}

export const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status <= 299;

/** @throws ProviderError `protocol` when the body is no JSON object; HttpError */
export async function readJson({ body }: HttpResponse): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const json = parsed(Buffer.concat(chunks).toString());
  if (isObject(json)) return json;
  throw unreadable();
}

/** The upstream has answered, and what it said is none of what its documentation knows: it may have begun anything. */
export const unreadable = (): ProviderError =>
  new ProviderError("protocol", FAULT_MESSAGES.protocol, { started: "yes" });
