import { createHash } from "node:crypto";

import type { ScriptedUpstream, UpstreamFailure } from "../../lib/testing/provider";
import { answer, json, type Reply, upstream } from "../support/upstream";
import { KEY } from "./openai-upstream";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const refusal = (status: number, detail: string, headers: Record<string, string> = {}): Reply =>
  json(status, { detail: `${detail} (${KEY})` }, headers);

/** What a new piece of work is answered with. */
const REFUSALS: Readonly<Partial<Record<UpstreamFailure, Reply>>> = {
  auth: refusal(401, "Not authenticated"),
  quota: refusal(402, "Insufficient credits"),
  rate_limit: refusal(429, "Too many active tasks", { "retry-after": "7" }),
  overloaded: refusal(503, "The service is overloaded", { "retry-after": "1" }),
  bad_request: refusal(422, "width must be a multiple of 32"),
  unknown_model: refusal(404, "There is no such model"),
};

/** What is said of work under way. */
const STATUSES: Readonly<Partial<Record<UpstreamFailure, string>>> = {
  content_policy: "Request Moderated",
  crash: "Failed",
  unknown_answer: "Dreaming",
};

export interface QueueUpstream extends ScriptedUpstream {
  readonly url: string;
}

/**
 * A server on loopback with Black Forest Labs' protocol: work gets an id and an address to ask at, which says `Pending` once before
 * it says where the picture lies.
 *
 * @see https://docs.bfl.ai/quick_start/generating_images
 */
export async function startQueueUpstream(): Promise<QueueUpstream> {
  const prompts: string[] = [];
  const asked = new Set<string>();
  let refused: Reply | undefined;
  let status: string | undefined;
  let images = 1;
  const script =
    (more: { refused?: Reply | undefined; status?: string | undefined; images?: number }) => () => {
      refused = more.refused;
      status = more.status;
      images = more.images ?? 1;
    };

  const server = await upstream((request, response) => {
    const send = (reply: Reply) => reply(request, response);
    const { pathname, searchParams } = new URL(request.path, server.url);
    const id = searchParams.get("id") ?? "";
    if (request.method === "POST") {
      prompts.push(String(Object(request.json()).prompt));
      const polling_url = `${server.url}/result?id=${prompts.length - 1}`;
      return send(refused ?? json(200, { id: `${prompts.length - 1}`, polling_url }));
    }
    if (pathname === "/sample") return send(answer(200, picture(prompts[Number(id)] ?? "")));
    if (status !== undefined) return send(json(200, { id, status, result: null }));
    if (!asked.has(id)) {
      asked.add(id);
      return send(json(200, { id, status: "Pending", result: null }));
    }
    const result = images === 0 ? {} : { sample: `${server.url}/sample?id=${id}` };
    return send(json(200, { id, status: images === 0 ? "Failed" : "Ready", result }));
  });

  const failures = Object.fromEntries([
    ...Object.entries(REFUSALS).map(([kind, reply]) => [kind, script({ refused: reply })]),
    ...Object.entries(STATUSES).map(([kind, word]) => [kind, script({ status: word })]),
  ]);
  return {
    url: server.url,
    succeed: (how = {}) => script(how)(),
    hang: script({ status: "Pending" }),
    failures,
    calls: () => prompts.length,
    secrets: [KEY, server.url],
    close: server.close,
  };
}

const picture = (prompt: string): Buffer =>
  Buffer.concat([PIXEL, createHash("sha256").update(prompt).digest()]);
