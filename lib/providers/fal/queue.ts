import type { HttpRequest, HttpResponse } from "../../ports/http-client";
import type { Model } from "../hosted/models";
import { exchangeJson, type JsonAnswer, type Way } from "../upstream/json-exchange";
import type { Handle } from "./handle";
import type { ResolvedFalOptions } from "./options";
import { refusal } from "./refusal";

/** Results are links, and logs are short. */
const MAX_BYTES = 2 ** 22;

/**
 * fal's queue, as far as it is about one piece of work.
 *
 * @see https://fal.ai/docs/api-reference/inference-api
 */
export interface Queue {
  submit(
    way: Way,
    model: Model,
    input: Readonly<Record<string, unknown>>,
    leftMs: number,
  ): Promise<JsonAnswer>;
  status(way: Way, handle: Handle): Promise<JsonAnswer>;
  /** Whatever the status: an error of the model is a result too. */
  result(way: Way, handle: Handle): Promise<HttpResponse>;
  cancel(way: Way, handle: Handle): Promise<HttpResponse>;
}

/** @param secrets what must appear in no message */
export function createQueue({ baseUrl, headers }: ResolvedFalOptions, secrets: readonly string[]): Queue {
  const ask = (way: Way, request: Pick<HttpRequest, "method" | "url" | "body" | "headers">, model?: Model) =>
    exchangeJson(
      way,
      { ...request, headers: { ...headers, ...request.headers }, maxBytes: MAX_BYTES },
      (response) => refusal(response, secrets, model),
    );
  const open = ({ http, signal }: Way, method: HttpRequest["method"], url: string) =>
    http.request({ method, url, headers, signal, maxBytes: MAX_BYTES });

  return {
    submit(way, model, input, leftMs) {
      const url = `${baseUrl}/${model.upstream}`;
      const body = JSON.stringify(input);
      const about = { "content-type": "application/json", "x-fal-request-timeout": seconds(leftMs) };
      return ask(way, { method: "POST", url, body, headers: about }, model);
    },
    status(way, { status }) {
      const url = new URL(status);
      url.searchParams.set("logs", "1");
      return ask(way, { method: "GET", url: url.href });
    },
    result: (way, { response }) => open(way, "GET", response),
    cancel: (way, { cancel }) => open(way, "PUT", cancel),
  };
}

/** Until work may begin, retries of the queue's own included: should we die, what waits ends by itself. At least 2. */
const seconds = (ms: number): string => String(Math.min(Math.max(Math.ceil(ms / 1_000), 2), 86_400));
