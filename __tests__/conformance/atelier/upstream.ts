import { createHash, randomUUID } from "node:crypto";

import type { HttpClient, HttpRequest, HttpResponse } from "../../../lib/ports";
import { HttpError } from "../../../lib/ports";
import type { ScriptedUpstream, UpstreamFailure } from "../../../lib/testing/provider";

export const ORIGIN = "http://atelier.test:7000";
export const KEY = "atelier-key-4711";
const STEPS = 2;

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** What the atelier would obey if it stood in a prompt. */
export const CONTROL = "{{size:8192}}";

/** The status of each failure, and what the atelier then says. */
const ANSWERS: Readonly<
  Record<Exclude<UpstreamFailure, "unknown_answer">, readonly [status: number, fault: string]>
> = {
  auth: [401, "key"],
  quota: [402, "credit"],
  rate_limit: [429, "slow down"],
  overloaded: [503, "busy"],
  bad_request: [400, "bad size"],
  content_policy: [451, "policy"],
  unknown_model: [404, "no such model"],
  crash: [500, "crash"],
};

interface Job {
  readonly prompt: string;
  readonly n: number;
  step: number;
  isCancelled: boolean;
}

export interface Atelier extends ScriptedUpstream {
  readonly http: HttpClient;
}

/** An upstream without a network: it keeps jobs, which take a step whenever somebody looks after them. */
export function startAtelier(): Atelier {
  const jobs = new Map<string, Job>();
  let mode: { readonly images?: number } | "hang" | UpstreamFailure = {};
  let calls = 0;
  let isClosed = false;

  const submit = (body: string): HttpResponse => {
    calls += 1;
    if (typeof mode === "string" && mode !== "hang" && mode !== "unknown_answer") {
      const [status, word] = ANSWERS[mode];
      return json(status, { error: `${word} (${KEY} at ${ORIGIN})` });
    }
    const { prompt, n } = JSON.parse(body);
    const id = randomUUID();
    jobs.set(id, { prompt, n, step: 0, isCancelled: false });
    return json(202, { id });
  };

  const look = (id: string, job: Job): HttpResponse => {
    if (job.isCancelled) return json(200, { status: "cancelled" });
    if (mode === "unknown_answer") return json(200, { status: "dreaming" });
    if (typeof mode === "string") return json(200, { status: "working", step: job.step, steps: STEPS });
    if (job.step < STEPS) {
      job.step += 1;
      return json(200, { status: "working", step: job.step, steps: STEPS });
    }
    const pictures = Array.from(
      { length: mode.images ?? job.n },
      (_, at) => `${ORIGIN}/pictures/${id}/${at}`,
    );
    return json(200, { status: "done", pictures });
  };

  const answer = ({ method, url }: HttpRequest, body: string): HttpResponse => {
    const [, kind = "", id = "", at = "0"] = new URL(url).pathname.split("/");
    if (kind === "models") return json(200, { models: ["atelier-1"] });
    if (kind === "jobs" && method === "POST") return submit(body);
    const job = jobs.get(id);
    if (job === undefined) return json(404, { error: "no such job" });
    if (kind === "jobs" && method === "DELETE") {
      job.isCancelled = true;
      return json(200, { status: "cancelled" });
    }
    if (kind === "previews") return bytes(PIXEL);
    return kind === "pictures" ? bytes(paint(job.prompt, Number(at))) : look(id, job);
  };

  const failing = (kind: UpstreamFailure) => () => {
    mode = kind;
  };

  return {
    http: {
      async request(request) {
        const body = typeof request.body === "string" ? request.body : "";
        // An upstream is never as quick as a call.
        await new Promise(setImmediate);
        if (isClosed) throw new HttpError("refused", "no", "no connection");
        if (request.signal.aborted) throw new HttpError("aborted", "maybe", "the request was aborted");
        return answer(request, body);
      },
    },
    succeed: (how = {}) => {
      mode = how;
    },
    hang: () => {
      mode = "hang";
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
    secrets: [KEY, ORIGIN],
    controls: [CONTROL],
    close: () => {
      isClosed = true;
    },
  };
}

const paint = (prompt: string, at: number): Uint8Array =>
  Buffer.concat([PIXEL, createHash("sha256").update(`${at} ${prompt}`).digest()]);

const json = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: pieces(Buffer.from(JSON.stringify(value))),
});

const bytes = (value: Uint8Array): HttpResponse => ({
  status: 200,
  headers: { "content-type": "image/png" },
  body: pieces(value),
});

async function* pieces(value: Uint8Array): AsyncGenerator<Uint8Array> {
  const half = Math.ceil(value.length / 2);
  for (let at = 0; at < value.length; at += half) {
    await new Promise(setImmediate);
    yield value.subarray(at, at + half);
  }
}
