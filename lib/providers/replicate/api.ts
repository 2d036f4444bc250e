import { constants } from "node:buffer";

import type { HttpRequest } from "../../ports/http-client";
import type { Model } from "../hosted/models";
import { exchangeJson, type JsonAnswer, type Way } from "../upstream/json-exchange";
import type { ResolvedReplicateOptions } from "./options";
import { refusal } from "./refusal";

/** Room for a prediction without pictures: its inputs and its log. */
const SLACK_BYTES = 2 ** 22;

/** Replicate's HTTP API, as far as it is about one prediction. Addresses are built from ids, never taken from answers. */
export interface Api {
  create(
    way: Way,
    model: Model,
    input: Readonly<Record<string, unknown>>,
    leftMs: number,
  ): Promise<JsonAnswer>;
  get(way: Way, id: string): Promise<JsonAnswer>;
  cancel(way: Way, id: string): Promise<JsonAnswer>;
}

/**
 * @param n pictures of a prediction, which may come inside an answer
 * @param secrets what must appear in no message
 */
export function createApi(
  { baseUrl, headers, maxImageBytes }: ResolvedReplicateOptions,
  n: number,
  secrets: readonly string[],
): Api {
  const maxBytes = Math.min(
    Math.ceil((n * maxImageBytes * 4) / 3) + SLACK_BYTES,
    constants.MAX_STRING_LENGTH,
  );

  const exchange = (
    way: Way,
    path: string,
    request: Pick<HttpRequest, "method" | "body" | "headers">,
    model?: Model,
  ) =>
    exchangeJson(
      way,
      { ...request, url: `${baseUrl}${path}`, headers: { ...headers, ...request.headers }, maxBytes },
      (response) => refusal(response, secrets, model),
    );

  return {
    create(way, model, input, leftMs) {
      const { path, version } = addressOf(model.upstream);
      const body = JSON.stringify({ ...version, input });
      const about = { "content-type": "application/json", "cancel-after": duration(leftMs) };
      return exchange(way, path, { method: "POST", body, headers: about }, model);
    },
    get: (way, id) => exchange(way, `/predictions/${id}`, { method: "GET" }),
    cancel: (way, id) => exchange(way, `/predictions/${id}/cancel`, { method: "POST" }),
  };
}

/** Official models and deployments have addresses of their own; any other model is named by its version. */
function addressOf(upstream: string): {
  readonly path: string;
  readonly version?: { readonly version: string };
} {
  const [name = "", version] = upstream.split(":");
  if (version !== undefined) return { path: "/predictions", version: { version } };
  return { path: name.startsWith("deployments/") ? `/${name}/predictions` : `/models/${name}/predictions` };
}

/** `Cancel-After` takes whole seconds, at least 5: should we die, the prediction ends by itself. */
const duration = (ms: number): string => `${Math.min(Math.max(Math.ceil(ms / 1_000), 5), 86_400)}s`;
