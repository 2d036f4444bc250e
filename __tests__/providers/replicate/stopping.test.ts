import type { HttpClient } from "../../../lib/ports/http-client";
import { replicate } from "../../../lib/providers/replicate";
import { until as patientlyUntil } from "../../../lib/testing/patience";
import { createHttpClient } from "../../../lib/transport/http-client";
import { answer, json, type Reply, raw, upstream as serve, silence } from "../../support/upstream";
import { generate, providerFailure, runContext } from "../hosted/context";
import { startReplicate, TOKEN } from "./upstream";

const FLUX = "black-forest-labs/flux-dev";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start() {
  const upstream = await startReplicate();
  const http = createHttpClient();
  const made = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: upstream.url, pollMs: 1 });
  open.push(upstream, http, made);
  return { upstream, http, made };
}

const until = (probe: () => boolean) => patientlyUntil(5_000, "what was to happen", probe);

describe("abort", () => {
  it("before anything is sent rejects and sends nothing", async () => {
    const { upstream, http, made } = await start();
    const ctx = runContext(http, { signal: AbortSignal.abort() });
    const error = await providerFailure(made.run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "cancelled", info: { started: "no" } });
    expect(upstream.server.connections()).toBe(0);
    expect(ctx.told).toEqual([]);
  });

  it("at the first report sends nothing either", async () => {
    const { upstream, http, made } = await start();
    const controller = new AbortController();
    const ctx = runContext(http, { signal: controller.signal, progress: () => controller.abort() });
    const error = await providerFailure(made.run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "cancelled", info: { started: "no" } });
    expect(upstream.server.connections()).toBe(0);
  });

  it("while it works tells Replicate, and tells nothing more itself", async () => {
    const { upstream, http, made } = await start();
    upstream.hang();
    const controller = new AbortController();
    const ctx = runContext(http, { signal: controller.signal });
    const failed = providerFailure(made.run(generate(FLUX), ctx));
    await until(() => ctx.told.some(({ phase }) => phase === "sampling"));
    const began = performance.now();
    controller.abort(new Error("canary"));
    const error = await failed;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(error).toMatchObject({ fault: "cancelled", info: { started: "yes" } });
    expect(error.message).not.toContain("canary");
    expect([...upstream.predictions.values()][0]?.isCanceled).toBe(true);
    const { length } = ctx.told;
    await made.close();
    expect(ctx.told).toHaveLength(length);
  });

  it("while the creation is unanswered waits for its name, to stop it", async () => {
    const { upstream, http, made } = await start();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: HttpClient = {
      async request(request) {
        const response = await http.request(request);
        if (request.method === "POST" && request.url.endsWith("/predictions")) await released;
        return response;
      },
    };
    upstream.hang();
    const controller = new AbortController();
    const ctx = runContext(slow, { signal: controller.signal });
    const failed = providerFailure(made.run(generate(FLUX), ctx));
    await until(() => upstream.calls() === 1);
    controller.abort();
    const error = await failed;
    expect(error).toMatchObject({ fault: "cancelled", info: { started: "maybe" } });
    release();
    await until(() => [...upstream.predictions.values()][0]?.isCanceled === true);
    // It was never told to whom the work would be handed on.
    expect(ctx.refs).toEqual([]);
    expect(upstream.calls()).toBe(1);
  });

  it("is not held up by a Replicate that does not answer", async () => {
    const { upstream, http, made } = await start();
    upstream.refuse(silence);
    const controller = new AbortController();
    const failed = providerFailure(made.run(generate(FLUX), runContext(http, { signal: controller.signal })));
    const request = await upstream.server.next();
    const began = performance.now();
    controller.abort();
    expect((await failed).fault).toBe("cancelled");
    expect(performance.now() - began).toBeLessThan(1_000);
    // What is still under way ends by itself within five seconds.
    await request.gone;
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("ends what is still said to Replicate when the provider is closed", async () => {
    const { upstream, http, made } = await start();
    const stuck: HttpClient = {
      request: (request) =>
        request.url.endsWith("/cancel")
          ? new Promise((_, reject) =>
              request.signal.addEventListener("abort", () => reject(request.signal.reason)),
            )
          : http.request(request),
    };
    upstream.hang();
    const controller = new AbortController();
    const ctx = runContext(stuck, { signal: controller.signal });
    const failed = providerFailure(made.run(generate(FLUX), ctx));
    await until(() => ctx.refs.length === 1);
    controller.abort();
    await failed;
    const began = performance.now();
    await made.close();
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe("cancel", () => {
  const ref = { provider: "replicate", id: "p1" };

  it.each([
    ["canceled", "stopped"],
    ["aborted", "stopped"],
    ["starting", "requested"],
    ["processing", "requested"],
    ["succeeded", "too_late"],
    ["failed", "too_late"],
  ])("of work that is %s then reports %s", async (status, report) => {
    const server = await serve(json(200, { id: "p1", status }));
    const http = createHttpClient();
    const made = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: `${server.url}/v1` });
    open.push(server, http, made);
    expect(await made.cancel?.(ref, runContext(http))).toBe(report);
    expect(server.requests[0]).toMatchObject({ method: "POST", path: "/v1/predictions/p1/cancel" });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("of work that nobody knows reports so", async () => {
    const { upstream, http, made } = await start();
    expect(await made.cancel?.(ref, runContext(http))).toBe("unknown");
    expect(await made.cancel?.({ provider: "replicate", id: "../account" }, runContext(http))).toBe(
      "unknown",
    );
    expect(upstream.server.requests).toHaveLength(1);
  });

  it("stops work that another instance follows, whose call then ends as cancelled", async () => {
    const { upstream, http, made } = await start();
    upstream.hang();
    const ctx = runContext(http);
    const failed = providerFailure(made.run(generate(FLUX), ctx));
    await until(() => ctx.refs.length === 1);
    const other = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: upstream.url });
    open.push(other);
    const [own = ref] = ctx.refs;
    expect(await other.cancel?.(own, runContext(http))).toBe("stopped");
    expect(await failed).toMatchObject({ fault: "cancelled", info: { started: "yes" } });
  });

  it.each<[string, Reply, string]>([
    ["a refused token", json(401, { detail: TOKEN }), "auth"],
    ["an error", answer(500, ""), "unavailable"],
    ["HTML", answer(200, "<html>"), "protocol"],
    ["a connection that ends", raw(""), "unavailable"],
  ])("rejects for %s with a ProviderError", async (_name, reply, fault) => {
    const server = await serve(reply);
    const http = createHttpClient();
    const made = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: `${server.url}/v1` });
    open.push(server, http, made);
    const error = await providerFailure(made.cancel?.(ref, runContext(http)));
    expect(error.fault).toBe(fault);
    expect(error.message).not.toContain(TOKEN);
  });
});

describe("health", () => {
  it.each<[string, Reply, object]>([
    ["up", json(200, { type: "user", username: "ann" }), { status: "up", latencyMs: expect.any(Number) }],
    ["down for a refused token", json(401, {}), { status: "down", reason: "the key is refused" }],
    ["down for an error", answer(503, ""), { status: "down", reason: "status 503" }],
    [
      "degraded without an account",
      answer(404, ""),
      { status: "degraded", reason: "the account answers with status 404" },
    ],
    ["down for a cut connection", raw(""), { status: "down", reason: "reset" }],
  ])("is %s", async (_name, reply, expected) => {
    const server = await serve(reply);
    const http = createHttpClient();
    const made = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: `${server.url}/v1` });
    open.push(server, http, made);
    expect(await made.health?.(runContext(http))).toMatchObject(expected);
    expect(server.requests[0]?.path ?? "/v1/account").toBe("/v1/account");
  });

  it("is down when the check is aborted", async () => {
    const server = await serve(silence);
    const http = createHttpClient();
    const made = replicate({ apiToken: TOKEN, models: [FLUX], baseUrl: `${server.url}/v1` });
    open.push(server, http, made);
    const controller = new AbortController();
    const checked = made.health?.(runContext(http, { signal: controller.signal }));
    await server.next();
    controller.abort();
    expect(await checked).toEqual({ status: "down", reason: "aborted" });
  });
});
