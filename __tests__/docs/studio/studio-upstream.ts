import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { ScriptedUpstream } from "express-image-gateway/testing";

export const KEY = "sk-studio-secret";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const STEPS = 3;

/** A studio on loopback that does as it is told: each look at a job takes it a step further. */
export async function startStudio(): Promise<ScriptedUpstream & { readonly url: string }> {
  const jobs: { readonly prompt: string; readonly count: number; step: number }[] = [];
  /** The status of the answer to a new job, and what becomes of the job. */
  let script: { status: number; state?: string; images?: number } = { status: 202 };
  const failing = (status: number, state?: string) => () => {
    script = { status, ...(state && { state }) };
  };

  const server = createServer(async (request, response) => {
    const send = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    let text = "";
    for await (const piece of request) text += piece;
    const [, , id, , at] = (request.url ?? "").split("/");

    if (request.method === "POST") {
      jobs.push({ ...JSON.parse(text), step: 0 });
      return send(script.status, { id: String(jobs.length - 1), error: `${KEY} said no` });
    }
    const job = jobs[Number(id)];
    if (job === undefined) return send(404, { error: "no such job" });
    if (request.method === "DELETE") return send(200, {});
    if (at !== undefined) {
      // The bytes follow from the prompt, so that the suite can tell the pictures of two calls apart.
      const own = createHash("sha256").update(`${at} ${job.prompt}`).digest();
      return response.writeHead(200).end(Buffer.concat([Buffer.from(PIXEL, "base64"), own]));
    }
    if (script.state !== undefined) return send(200, { state: script.state, step: 1, steps: STEPS });
    if (job.step === STEPS) return send(200, { state: "done", pictures: script.images ?? job.count });
    job.step += 1;
    return send(200, { state: "working", step: job.step, steps: STEPS });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;

  return {
    url,
    succeed: ({ images } = {}) => {
      script = { status: 202, ...(images !== undefined && { images }) };
    },
    hang: failing(202, "working"),
    failures: {
      auth: failing(401),
      quota: failing(402),
      rate_limit: failing(429),
      overloaded: failing(503),
      bad_request: failing(400),
      content_policy: failing(422),
      unknown_model: failing(404),
      crash: failing(500),
      unknown_answer: failing(202, "dreaming"),
    },
    calls: () => jobs.length,
    secrets: [KEY, url],
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
