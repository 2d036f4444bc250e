import type { ScriptedUpstream, UpstreamFailure } from "../../../lib/testing/provider";
import { json, type Reply, type Upstream, upstream } from "../../support/upstream";
import { startDelivery } from "../hosted/delivery";

export const KEY = "0f1e2d3c-conformance:0123456789abcdef";

interface Work {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** How often its status was asked for. */
  looks: number;
  isRemoved: boolean;
}

/** What the status of work says beside its id and addresses. */
export type State = { readonly status: string } & Readonly<Record<string, unknown>>;

export interface FalUpstream extends ScriptedUpstream {
  readonly url: string;
  readonly server: Upstream;
  /** What work shows at each look; the last state stays. Holds for work under way too. */
  play(...states: readonly [State, ...State[]]): void;
  /** The result of work that is completed. */
  result(reply: Reply): void;
  /** Answers in place of the queue to new work. */
  refuse(reply: Reply): void;
  /** Answers in place of the next looks. */
  stumble(...replies: readonly Reply[]): void;
  readonly works: ReadonlyMap<string, Work>;
  /** The address of a picture on the host that delivers. */
  link(...words: readonly unknown[]): string;
  close(): Promise<void>;
}

export const QUEUED: State = { status: "IN_QUEUE", queue_position: 2 };
export const RUNNING: State = { status: "IN_PROGRESS", logs: [] };
export const COMPLETED: State = { status: "COMPLETED", logs: [], metrics: { inference_time: 1.5 } };

const LOGS = [
  { message: "Loading pipeline components...: 100%|██████████| 7/7 [00:01<00:00]", level: "STDERR" },
  { message: " 25%|██▌       | 1/4 [00:00<00:01,  2.1it/s]", level: "STDERR" },
  { message: " 75%|███████▌  | 3/4 [00:01<00:00,  2.2it/s]", level: "STDERR" },
];

const text = (status: number, detail: string, headers: Record<string, string> = {}): Reply =>
  json(status, { detail: `${detail} ${KEY}` }, headers);

/** An error of a model. */
export const complaint = (status: number, type: string, loc: string, more: object = {}): Reply =>
  json(
    status,
    { detail: [{ loc: ["body", loc], msg: `Bad ${loc}. ${KEY}`, type, ...more }] },
    { "x-fal-retryable": "false" },
  );

const REFUSALS: Readonly<Partial<Record<UpstreamFailure, Reply>>> = {
  auth: text(401, "Cannot access application, invalid credentials."),
  quota: text(403, "User is locked. Reason: Exhausted balance. Top up your balance."),
  rate_limit: text(429, "Too many requests", { "retry-after": "7" }),
  overloaded: text(503, "Service is overloaded", { "retry-after": "1" }),
  unknown_model: text(404, "Application 'nothing' not found."),
};

const RESULTS: Readonly<Partial<Record<UpstreamFailure, Reply>>> = {
  bad_request: complaint(422, "less_than_equal", "num_images"),
  content_policy: complaint(422, "content_policy_violation", "prompt", { categories: ["sexual"] }),
  crash: json(
    500,
    { detail: `Internal server error ${KEY}`, error_type: "runner_server_error" },
    { "x-fal-error-type": "runner_server_error" },
  ),
};

/**
 * fal's queue on loopback, as its reference describes it: work is submitted, its status and its result are asked for at the
 * addresses that the queue has named (of the app, without the model's own path), and its pictures lie on another host.
 *
 * @see https://fal.ai/docs/api-reference/inference-api
 * @see https://fal.ai/docs/documentation/model-apis/inference/queue
 */
export async function startFal(): Promise<FalUpstream> {
  const delivery = await startDelivery();
  const works = new Map<string, Work>();
  const stumbles: Reply[] = [];
  let refusal: Reply | undefined;
  let stateOf: (work: Work) => State;
  let resultOf: (work: Work) => Reply;
  let calls = 0;

  const pictured = (images?: number) => (work: Work) => {
    const count = images ?? Number(work.input["num_images"] ?? 1);
    const files = Array.from({ length: count }, (_, at) => ({
      url: delivery.link(work.input["prompt"], at),
      content_type: "image/png",
      width: 64,
      height: 64,
    }));
    return json(200, { images: files, seed: 7, has_nsfw_concepts: files.map(() => false), prompt: "" });
  };
  const play: FalUpstream["play"] = (...states) => {
    refusal = undefined;
    stateOf = ({ looks }) => states[Math.min(looks, states.length) - 1] ?? QUEUED;
  };
  const succeed: FalUpstream["succeed"] = ({ images } = {}) => {
    play(QUEUED, RUNNING, { ...RUNNING, logs: LOGS }, COMPLETED);
    resultOf = pictured(images);
  };
  succeed();

  const server = await upstream((request, response) => {
    const answer = (reply: Reply) => reply(request, response);
    const { pathname } = new URL(request.path, "http://queue");
    const [, app = "", id = "", action] =
      /^\/(.+)\/requests\/([^/]+)(?:\/(status|cancel))?$/.exec(pathname) ?? [];
    const work = works.get(id);
    const isWork = work !== undefined && !work.isRemoved;
    if (request.method === "POST") {
      calls += 1;
      if (refusal !== undefined) return answer(refusal);
      const [owner, name] = pathname.slice(1).split("/");
      const made = {
        id: `764cabcf-b745-4b3e-ae38-${calls}`,
        input: Object(request.json()),
        looks: 0,
        isRemoved: false,
      };
      works.set(made.id, made);
      return answer(
        json(200, { status: "IN_QUEUE", queue_position: 2, ...named(`${owner}/${name}`, made.id) }),
      );
    }
    if (!isWork) return answer(json(404, { status: "NOT_FOUND" }));
    if (action === "status") {
      const stumble = stumbles.shift();
      if (stumble !== undefined) return answer(stumble);
      work.looks += 1;
      const state = stateOf(work);
      return answer(json(state.status === "COMPLETED" ? 200 : 202, { ...state, ...named(app, id) }));
    }
    if (action === undefined) return answer(resultOf(work));
    const { status } = stateOf(work);
    if (status === "COMPLETED") return answer(json(400, { status: "ALREADY_COMPLETED" }));
    work.isRemoved = status === "IN_QUEUE";
    if (work.isRemoved) return answer(json(200, { status: "OK" }));
    return answer(json(202, { status: "CANCELLATION_REQUESTED" }));
  });

  function named(app: string, id: string) {
    const base = `${server.url}/${app}/requests/${id}`;
    return { request_id: id, response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel` };
  }

  const failing = (kind: UpstreamFailure) => () => {
    const result = RESULTS[kind];
    if (kind === "unknown_answer") return play({ status: "DREAMING" });
    if (result === undefined) {
      refusal = REFUSALS[kind];
      return;
    }
    play({ ...COMPLETED, error: "It failed.", error_type: "runner_server_error" });
    resultOf = () => result;
  };
  return {
    url: server.url,
    server,
    works,
    link: delivery.link,
    play,
    result: (reply) => {
      resultOf = () => reply;
    },
    refuse: (reply) => {
      refusal = reply;
    },
    stumble: (...replies) => void stumbles.push(...replies),
    succeed,
    hang: () => play(RUNNING),
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
    async close() {
      await server.close();
      await delivery.close();
    },
  };
}
