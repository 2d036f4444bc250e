import { createHash } from "node:crypto";

import type { ScriptedUpstream, UpstreamFailure } from "../../lib/testing/provider";
import { json, type Reply, type SeenRequest, silence, upstream } from "../support/upstream";

export const KEY = "sk-conformance-0123456789";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const error = (status: number, code: string, message: string, headers: Record<string, string> = {}): Reply =>
  json(status, { error: { message: `${message} (${KEY})`, type: "error", param: null, code } }, headers);

const FAILURES: Readonly<Record<UpstreamFailure, Reply>> = {
  auth: error(401, "invalid_api_key", "Incorrect API key provided"),
  quota: error(429, "insufficient_quota", "You exceeded your current quota"),
  rate_limit: error(429, "rate_limit_exceeded", "Slow down", { "retry-after": "7" }),
  overloaded: error(503, "overloaded", "The engine is overloaded", { "retry-after": "1" }),
  bad_request: error(400, "invalid_size", "Invalid size"),
  content_policy: error(400, "moderation_blocked", "Your request was rejected by the safety system"),
  unknown_model: error(404, "model_not_found", "The model does not exist"),
  crash: error(500, "server_error", "The server had an error"),
  unknown_answer: json(200, { status: "pending" }),
};

export interface OpenAIUpstream extends ScriptedUpstream {
  readonly url: string;
}

/** A server on loopback that speaks OpenAI's Images API, on any path. */
export async function startOpenAIUpstream(
  model: string,
  controls: readonly string[],
): Promise<OpenAIUpstream> {
  let calls = 0;
  let reply: Reply;
  const succeed: OpenAIUpstream["succeed"] = ({ images } = {}) => {
    reply = async (request, response) => {
      const { prompt, n } = await orderIn(request);
      const data = Array.from({ length: images ?? n }, (_, at) => ({ b64_json: paint(prompt, at) }));
      return json(200, { created: 1_700_000_000, data })(request, response);
    };
  };
  succeed();
  const failing = (kind: UpstreamFailure) => () => {
    reply = FAILURES[kind];
  };
  const server = await upstream((request, response) => {
    if (request.method === "GET") return json(200, { data: [{ id: model }] })(request, response);
    calls += 1;
    return reply(request, response);
  });
  return {
    url: server.url,
    succeed,
    hang: () => {
      reply = silence;
    },
    failures: {
      auth: failing("auth"),
      quota: failing("quota"),
      rate_limit: failing("rate_limit"),
      overloaded: failing("overloaded"),
      bad_request: failing("bad_request"),
      content_policy: failing("content_policy"),
      unknown_model: failing("unknown_model"),
      crash: failing("crash"),
      unknown_answer: failing("unknown_answer"),
    },
    calls: () => calls,
    secrets: [KEY, server.url],
    controls,
    close: server.close,
  };
}

interface Order {
  readonly prompt: string;
  readonly n: number;
}

/** What is asked for, in JSON or in a form. */
async function orderIn({ headers, body, json: parse }: SeenRequest): Promise<Order> {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) return Object(parse());
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  return { prompt: String(form.get("prompt")), n: Number(form.get("n")) };
}

const paint = (prompt: string, at: number): string =>
  Buffer.concat([PIXEL, createHash("sha256").update(`${at} ${prompt}`).digest()]).toString("base64");
