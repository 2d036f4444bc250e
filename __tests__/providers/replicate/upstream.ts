import type { ScriptedUpstream, UpstreamFailure } from "../../../lib/testing/provider";
import { json, type Reply, type Upstream, upstream } from "../../support/upstream";
import { startDelivery } from "../hosted/delivery";

export const TOKEN = "r8_conformance0123456789";

interface Prediction {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** How often it was looked at. */
  looks: number;
  isCanceled: boolean;
}

/** What a look at a prediction shows beside its id. */
export type State = { readonly status: string } & Readonly<Record<string, unknown>>;

export interface ReplicateUpstream extends ScriptedUpstream {
  /** Up to and with `/v1`. */
  readonly url: string;
  readonly server: Upstream;
  /** What a prediction shows at each look; the last state stays. Holds for work under way too. */
  play(...states: readonly [State, ...State[]]): void;
  /** Answers in place of the creation of a prediction. */
  refuse(reply: Reply): void;
  /** Answers in place of the next looks. */
  stumble(...replies: readonly Reply[]): void;
  readonly predictions: ReadonlyMap<string, Prediction>;
  /** The address of a picture on the host that delivers. */
  link(...words: readonly unknown[]): string;
  close(): Promise<void>;
}

const BAR =
  "Using seed: 7\n 25%|██▌       | 1/4 [00:00<00:01,  2.1it/s]\r 75%|███████▌  | 3/4 [00:01<00:00,  2.2it/s]";

const problem = (status: number, title: string, detail: string, more: object = {}): Reply =>
  json(status, { status, title, detail: `${detail} (${TOKEN})`, ...more });

const throttled =
  "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests. Your rate limit resets in ~5s.";

const REFUSALS: Readonly<Partial<Record<UpstreamFailure, Reply>>> = {
  auth: problem(401, "Unauthenticated", "You did not pass a valid authentication token"),
  quota: problem(402, "Insufficient credit", "You have insufficient credit to run this model"),
  rate_limit: problem(429, "Too many requests", throttled, { retry_after: 5 }),
  overloaded: json(503, { detail: "Service unavailable" }, { "retry-after": "1" }),
  bad_request: problem(422, "Input validation failed", "- input.seed: seed must be an integer", {
    invalid_fields: [{ type: "invalid_type", field: "input.seed", description: "seed must be an integer" }],
  }),
  unknown_model: problem(404, "Not found", "The requested resource could not be found"),
};

const BROKEN: Readonly<Partial<Record<UpstreamFailure, State>>> = {
  content_policy: {
    status: "failed",
    error: `NSFW content detected. Try running it again, or try a different prompt. ${TOKEN}`,
  },
  crash: { status: "failed", error: `CUDA error at /src/predict.py with ${TOKEN}` },
  unknown_answer: { status: "dreaming" },
};

/**
 * Replicate's HTTP API on loopback, as its reference describes it: predictions are created, looked at and canceled, and their
 * pictures lie on another host.
 *
 * @see https://replicate.com/docs/reference/http
 * @see https://replicate.com/docs/topics/predictions/lifecycle
 */
export async function startReplicate(): Promise<ReplicateUpstream> {
  const delivery = await startDelivery();
  const predictions = new Map<string, Prediction>();
  const stumbles: Reply[] = [];
  let refusal: Reply | undefined;
  let stateOf: (prediction: Prediction) => State;
  let calls = 0;

  const play: ReplicateUpstream["play"] = (...states) => {
    refusal = undefined;
    stateOf = ({ looks }) => states[Math.min(looks, states.length) - 1] ?? { status: "starting" };
  };
  const succeed: ReplicateUpstream["succeed"] = ({ images } = {}) => {
    refusal = undefined;
    stateOf = ({ looks, input }) => {
      if (looks < 2) return { status: "starting" };
      if (looks < 3) return { status: "processing", logs: BAR };
      const count = images ?? Number(input["num_outputs"] ?? 1);
      const output = Array.from({ length: count }, (_, at) => delivery.link(input["prompt"], at));
      return { status: "succeeded", output, logs: BAR, completed_at: "2026-11-23T12:00:00.000000Z" };
    };
  };
  succeed();

  const show = (prediction: Prediction) => {
    const { id, input, isCanceled } = prediction;
    const state = stateOf(prediction);
    const isOver = ["succeeded", "failed", "aborted"].includes(state.status);
    return { id, input, output: null, error: null, logs: "", ...(isCanceled && !isOver ? CANCELED : state) };
  };

  const server = await upstream((request, response) => {
    const answer = (reply: Reply) => reply(request, response);
    const [, id = "", action] = /^\/v1\/predictions\/([^/]+)(?:\/(cancel))?$/.exec(request.path) ?? [];
    const prediction = predictions.get(id);
    if (request.method === "GET" && prediction !== undefined) {
      const stumble = stumbles.shift();
      if (stumble !== undefined) return answer(stumble);
      prediction.looks += 1;
      return answer(json(200, show(prediction)));
    }
    if (action === "cancel" && prediction !== undefined) {
      prediction.isCanceled = true;
      return answer(json(200, show(prediction)));
    }
    if (request.method === "POST" && request.path.endsWith("/predictions")) {
      calls += 1;
      if (refusal !== undefined) return answer(refusal);
      const { input } = Object(request.json());
      const made = { id: `p${calls}xq0rj40cp7r9c1kaq`, input, looks: 0, isCanceled: false };
      predictions.set(made.id, made);
      return answer(json(201, { ...show(made), urls: { get: `${request.path}/${made.id}` } }));
    }
    return answer(problem(404, "Not found", "The requested resource could not be found"));
  });

  const failing = (kind: UpstreamFailure) => () => {
    const state = BROKEN[kind];
    if (state !== undefined) play(state);
    else refusal = REFUSALS[kind];
  };
  return {
    url: `${server.url}/v1`,
    server,
    predictions,
    link: delivery.link,
    play,
    refuse: (reply) => {
      refusal = reply;
    },
    stumble: (...replies) => void stumbles.push(...replies),
    succeed,
    hang: () => play({ status: "processing" }),
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
    secrets: [TOKEN, server.url],
    async close() {
      await server.close();
      await delivery.close();
    },
  };
}

const CANCELED = { status: "canceled" };
