import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  ERROR_KINDS,
  type ErrorBody,
  type ErrorCode,
  type Fault,
  ProviderError,
} from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { memoryStore } from "express-image-gateway/stores/memory";
import { createLinkSigner } from "../../lib/core/pictures/signed-links";
import { GatewayError } from "../../lib/ports";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider, untilAborted } from "../support/scripted-provider";

/** What a caller sees of an error, on HTTP or on a socket. */
interface Seen {
  readonly status?: number;
  readonly headers?: Headers;
  readonly error: ErrorBody;
}

let host: TestHost;
const start = async (setup: HostSetup = {}): Promise<TestHost> => {
  host = await startHost(setup);
  return host;
};
afterEach(() => host.close());

const seen = async (answer: Response): Promise<Seen> => ({
  status: answer.status,
  headers: answer.headers,
  error: (await jsonOf(answer)).error,
});
const asked = async (body: unknown, headers?: Record<string, string>) =>
  seen(await generate(host, body, headers));
const got = async (path: string, init?: RequestInit) =>
  seen(await fetch(`${host.url}/v1${path}`, { headers: { authorization: "Bearer sk-ann" }, ...init }));
const body = async (setup: HostSetup, more: object) => {
  await start(setup);
  return asked({ ...PROMPT, ...more });
};

const failing =
  (fault: Fault, started: "no" | "yes" = "yes") =>
  async (): Promise<Seen> => {
    const provider = scriptedProvider(() => {
      throw new ProviderError(fault, "The provider said no.", { started });
    });
    await start({ providers: [provider] });
    return asked(PROMPT);
  };

/** Resolves once the host's provider has been called. */
const busyProvider = () => {
  let isBusy: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    isBusy = resolve;
  });
  const provider = scriptedProvider((task, context) => {
    isBusy();
    return untilAborted(task, context);
  });
  return { provider, busy };
};

const KEYS = [{ id: "k1", secret: "0123456789abcdef0123456789abcdef" }] as const;

const madeLink = async (setup: HostSetup = {}): Promise<URL> => {
  await start(setup);
  const answer = await generate(host, PROMPT);
  return new URL((await jsonOf(answer)).data[0].url);
};

const refusedSocket = async (auth: Record<string, unknown>): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const socket = host.socket(auth);
    socket.once("connect", () => reject(new Error("connected")));
    socket.once("connect_error", (error) => resolve({ error: Reflect.get(error, "data") }));
  });

const connected = async (auth: Record<string, unknown> = { token: "sk-ann" }) => {
  const socket = host.socket(auth);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
};

/** One way to meet each code; a code without one does not compile. */
const WAYS: Record<ErrorCode, () => Promise<Seen>> = {
  invalid_json: async () => {
    await start();
    return asked('{"model":');
  },
  invalid_request: async () => {
    await start();
    return got("/images/jobs/%zz");
  },
  missing_required_parameter: () => body({}, { prompt: undefined }),
  invalid_type: () => body({}, { n: "2" }),
  invalid_value: () => body({}, { response_format: "gif" }),
  invalid_size: () => body({}, { size: "axb" }),
  integer_above_max_value: () => body({}, { n: 11 }),
  integer_below_min_value: () => body({}, { n: 0 }),
  string_above_max_length: () => body({}, { prompt: "x".repeat(4001) }),
  string_below_min_length: () => body({}, { prompt: "" }),
  unknown_parameter: () => body({ options: { strict: true } }, { steps: 3 }),
  unsupported_parameter: () =>
    body(
      {
        providers: [scriptedProvider(undefined, { params: { output: false } })],
        options: { converter: false },
      },
      { output_format: "webp" },
    ),
  content_policy_violation: failing("content_policy"),
  invalid_api_key: async () => {
    await start();
    return asked(PROMPT, { authorization: "Bearer wrong" });
  },
  missing_capability: async () => {
    await start();
    return asked(PROMPT, { authorization: "Bearer sk-eve" });
  },
  invalid_signature: async () => {
    const link = await madeLink();
    link.searchParams.set("sig", "A".repeat(43));
    return seen(await fetch(link));
  },
  model_not_found: () => body({}, { model: "nope" }),
  job_not_found: async () => {
    await start();
    return got(`/images/jobs/imgjob_${"0".repeat(32)}`);
  },
  image_not_found: async () => {
    const store = memoryStore();
    const link = await madeLink({ options: { store } });
    await store.delete([link.pathname.split("/").pop() ?? ""]);
    return seen(await fetch(link));
  },
  result_expired: async () => {
    const store = memoryStore();
    await start({ options: { store } });
    const answer = await generate(host, PROMPT);
    const { data } = await jsonOf(answer);
    await store.delete([new URL(data[0].url).pathname.split("/").pop() ?? ""]);
    return got(`/images/jobs/${answer.headers.get("x-image-job-id")}`);
  },
  method_not_allowed: async () => {
    await start();
    return got("/images/generations");
  },
  job_cancelled: async () => {
    const { provider, busy } = busyProvider();
    await start({ providers: [provider] });
    const waiting = asked(PROMPT);
    await busy;
    const { data } = await jsonOf(
      await fetch(`${host.url}/v1/images/jobs`, { headers: { authorization: "Bearer sk-ann" } }),
    );
    await fetch(`${host.url}/v1/images/jobs/${data[0].id}/cancel`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann" },
    });
    return waiting;
  },
  link_expired: async () => {
    const link = await madeLink({ options: { links: { keys: KEYS } } });
    const key = link.pathname.split("/").pop() ?? "";
    link.search = createLinkSigner(KEYS).sign({
      key,
      contentType: "image/png",
      expiresAt: Date.now() - 1000,
    });
    return seen(await fetch(link));
  },
  request_too_large: () => body({}, { prompt: "x".repeat(300_000) }),
  unsupported_media_type: async () => {
    await start();
    return asked(PROMPT, { "content-type": "text/plain" });
  },
  range_not_satisfiable: async () => {
    const link = await madeLink();
    return seen(await fetch(link, { headers: { range: "bytes=999999-" } }));
  },
  rate_limit_exceeded: failing("rate_limit", "no"),
  concurrency_limit: async () => {
    const { provider, busy } = busyProvider();
    await start({
      providers: [provider],
      options: { limits: { runningPerPrincipal: 1, queuedPerPrincipal: 0 }, disconnectGraceMs: 0 },
    });
    const first = asked(PROMPT);
    await busy;
    const second = await asked(PROMPT);
    await host.images.close({ timeoutMs: 0 });
    await first;
    return second;
  },
  queue_full: async () => {
    const { provider, busy } = busyProvider();
    const jobs = memoryJobs({ maxRunning: 1, maxQueued: 0 });
    await start({ providers: [provider], options: { jobs } });
    const first = asked(PROMPT);
    await busy;
    const second = await asked(PROMPT);
    await host.images.close({ timeoutMs: 0 });
    await first;
    return second;
  },
  queue_unavailable: async () => {
    const away = new GatewayError("queue_unavailable", "Jobs cannot be kept right now.");
    await start({ options: { jobs: { ...memoryJobs(), submit: () => Promise.reject(away) } } });
    return asked(PROMPT);
  },
  queue_timeout: async () => {
    const { provider, busy } = busyProvider();
    await start({ providers: [provider], options: { limits: { runningPerPrincipal: 1, queueWaitMs: 20 } } });
    const first = asked(PROMPT);
    await busy;
    const second = await asked(PROMPT);
    await host.images.close({ timeoutMs: 0 });
    await first;
    return second;
  },
  flood: async () => {
    await start({ options: { limits: { socketEventsPerSecond: 1, socketEventBurst: 1 } } });
    const socket = await connected();
    const answers = await Promise.all([
      socket.emitWithAck("cancel", { id: "x" }),
      socket.emitWithAck("cancel", { id: "x" }),
    ]);
    return { error: answers[1].error };
  },
  too_many_subscriptions: async () => {
    await start({ options: { limits: { subscriptionsPerSocket: 1 } } });
    const socket = await connected();
    await socket.emitWithAck("subscribe", { client_request_id: "a" });
    return { error: (await socket.emitWithAck("subscribe", { client_request_id: "b" })).error };
  },
  too_many_connections: async () => {
    await start({ options: { limits: { socketsPerPrincipal: 1 } } });
    await connected();
    return refusedSocket({ token: "sk-ann" });
  },
  idempotency_key_reused: async () => {
    await start();
    await asked(PROMPT, { "idempotency-key": "order-1" });
    return asked({ ...PROMPT, n: 2 }, { "idempotency-key": "order-1" });
  },
  worker_lost: async () => {
    const jobs = memoryJobs();
    const elsewhere: typeof jobs = {
      ...jobs,
      // As if a worker that has died had made the call.
      work: (run) => jobs.work((claim) => run({ ...claim, markDispatch: async () => false })),
    };
    await start({ options: { jobs: elsewhere } });
    return asked(PROMPT);
  },
  internal_error: async () => {
    const store = Object.assign(memoryStore(), { stat: () => Promise.reject(new Error("broken")) });
    await start({ options: { store } });
    return asked(PROMPT);
  },
  body_already_consumed: async () => {
    await start({
      before: (app) =>
        app.use((req, _res, next) => {
          req.on("end", next).resume();
        }),
    });
    return asked(PROMPT);
  },
  upstream_error: failing("internal"),
  upstream_auth_error: failing("auth"),
  upstream_invalid_response: failing("protocol"),
  provider_misconfigured: failing("misconfigured"),
  provider_unavailable: failing("unavailable", "no"),
  upstream_timeout: failing("timeout"),
  starting: async () => {
    let started: () => void = () => {};
    const ready = () =>
      new Promise<void>((resolve) => {
        started = resolve;
      });
    await start({ options: { store: Object.assign(memoryStore(), { ready }) }, untilReady: false });
    const early = await asked(PROMPT);
    started();
    await host.images.ready();
    expect((await generate(host, PROMPT)).status).toBe(200);
    return early;
  },
  draining: async () => {
    const { provider, busy } = busyProvider();
    await start({ providers: [provider] });
    const running = asked(PROMPT);
    await busy;
    const closing = host.images.close({ timeoutMs: 200 });
    const refused = await asked(PROMPT);
    await Promise.all([running, closing]);
    return refused;
  },
  closed: async () => {
    await start();
    await host.images.close();
    return refusedSocket({ token: "sk-ann" });
  },
  auth_unavailable: async () => {
    await start({ options: { authenticate: () => Promise.reject(new Error("database away")) } });
    return asked(PROMPT);
  },
  registry_unavailable: async () => {
    const providers = { candidates: () => Promise.reject(new Error("away")), list: () => [] };
    await start({ options: { providers } });
    return asked(PROMPT);
  },
  storage_unavailable: () => body({ options: { store: memoryStore({ maxBytes: 1024 }) } }, { n: 10 }),
};

describe.each(Object.keys(WAYS))("%s", (name) => {
  const code = Object.keys(ERROR_KINDS).find((each): each is ErrorCode => each === name) ?? "internal_error";

  it("is met, as OpenAI's envelope with the status and retry advice of the table", async () => {
    const { status, headers, error } = await WAYS[code]();
    expect(error).toEqual({
      message: expect.stringMatching(/^[A-Z].*[.!]/s),
      type: ERROR_KINDS[code].type,
      param: error.param,
      code,
    });
    if (status === undefined || code === "result_expired") return;
    expect(status).toBe(ERROR_KINDS[code].status);
    expect(headers?.get("x-should-retry")).toBe(String(ERROR_KINDS[code].retry));
    expect(headers?.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

it("has a row in docs/errors.md for every code, with its status", async () => {
  await start();
  const text = await readFile(join(__dirname, "../../docs/errors.md"), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|no) \|/gm)].map(
    ([, code, status, retry]) => ({
      code,
      status: Number(status),
      retry: retry === "yes",
    }),
  );
  const table = Object.entries(ERROR_KINDS).map(([code, { status, retry }]) => ({ code, status, retry }));
  const byCode = (a: { code: string | undefined }, b: { code: string | undefined }) =>
    String(a.code).localeCompare(String(b.code));
  expect(rows.sort(byCode)).toEqual(table.sort(byCode));
});
