import { type FalModel, type FalOptions, fal } from "../../../lib/providers/fal";
import { until } from "../../../lib/testing/patience";
import { createHttpClient } from "../../../lib/transport/http-client";
import { answer, json, upstream as serve, silence } from "../../support/upstream";
import { generate, pictures, providerFailure, runContext } from "../hosted/context";
import { COMPLETED, type FalUpstream, KEY, QUEUED, RUNNING, startFal } from "./upstream";

const FLUX = "fal-ai/flux/schnell";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start() {
  const upstream = await startFal();
  const http = createHttpClient();
  open.push(upstream, http);
  return { upstream, http };
}

function provider(
  { url }: FalUpstream,
  models: readonly (string | FalModel)[] = [FLUX],
  more: Partial<FalOptions> = {},
) {
  const made = fal({ apiKey: KEY, models, baseUrl: url, pollMs: 1, ...more });
  open.push(made);
  return made;
}

const submission = ({ server }: FalUpstream) => {
  const request = server.requests.find(({ method }) => method === "POST");
  if (request === undefined) throw new Error("nothing was submitted");
  return request;
};

describe("run", () => {
  it("queues the work, follows it and hands on the links of its pictures", async () => {
    const { upstream, http } = await start();
    const ctx = runContext(http);
    const size = { width: 1344, height: 768 };
    const task = generate(FLUX, { prompt: "a lighthouse", n: 2, seed: 7, size, output: { format: "png" } });
    const result = await provider(upstream).run(task, ctx);

    expect(await pictures(result)).toEqual([
      upstream.link("a lighthouse", 0),
      upstream.link("a lighthouse", 1),
    ]);
    const [first] = Array.isArray(result.images) ? result.images : [];
    expect(first).toMatchObject({ type: "image/png", width: 64, height: 64 });
    expect(result.meta()).toEqual({ upstreamId: "764cabcf-b745-4b3e-ae38-1", warnings: [] });
    expect(ctx.told).toEqual([
      { phase: "queued" },
      { phase: "queued", queuePosition: 2 },
      { phase: "sampling" },
      { phase: "sampling", step: 3, steps: 4 },
    ]);
    expect(submission(upstream)).toMatchObject({
      path: `/${FLUX}`,
      headers: { authorization: `Key ${KEY}`, "content-type": "application/json" },
    });
    expect(submission(upstream).json()).toEqual({
      prompt: "a lighthouse",
      num_images: 2,
      seed: 7,
      image_size: { width: 1344, height: 768 },
      output_format: "png",
    });
  });

  it("asks at the addresses that the queue has named, which leave out the model's own path", async () => {
    const { upstream, http } = await start();
    const ctx = runContext(http);
    await provider(upstream).run(generate(FLUX), ctx);
    const work = "/fal-ai/flux/requests/764cabcf-b745-4b3e-ae38-1";
    const asked = upstream.server.requests.filter(({ method }) => method === "GET");
    expect(asked.map(({ path }) => path)).toEqual([...Array(4).fill(`${work}/status?logs=1`), work]);
    for (const { headers } of asked) expect(headers.authorization).toBe(`Key ${KEY}`);
    expect(ctx.refs).toEqual([
      {
        provider: "fal",
        id: "764cabcf-b745-4b3e-ae38-1",
        data: { status: `${work}/status`, response: work, cancel: `${work}/cancel` },
      },
    ]);
  });

  it.each([["status_url"], ["response_url"], ["cancel_url"]])(
    "takes the key nowhere else, though the queue names another host in %s",
    async (name) => {
      const { upstream, http } = await start();
      const thief = await serve(json(200, COMPLETED));
      open.push(thief);
      const work = `${upstream.url}/fal-ai/flux/requests/1`;
      const named = {
        request_id: "1",
        status_url: `${work}/status`,
        response_url: work,
        cancel_url: `${work}/cancel`,
      };
      upstream.refuse(json(200, { ...named, [name]: `${thief.url}/fal-ai/flux/requests/1` }));
      const error = await providerFailure(provider(upstream).run(generate(FLUX), runContext(http)));
      expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
      expect(thief.connections()).toBe(0);
      expect(upstream.server.requests).toHaveLength(1);
    },
  );

  it("sends what the operator has fixed under the model's own name", async () => {
    const { upstream, http } = await start();
    const loras = [{ path: "acme/portrait", scale: 1 }];
    const portrait: FalModel = {
      id: "portrait",
      upstream: "fal-ai/flux-lora",
      defaults: { loras, enable_safety_checker: true },
    };
    await provider(upstream, [portrait]).run(generate("portrait"), runContext(http));
    expect(submission(upstream).path).toBe("/fal-ai/flux-lora");
    expect(submission(upstream).json()).toEqual({
      loras,
      enable_safety_checker: true,
      prompt: "a red cube",
      num_images: 1,
    });
  });

  it.each([
    [90_500, /^9[01]$/],
    [100, /^2$/],
    [10 * 86_400_000, /^86400$/],
  ])("asks fal to begin the work within the %i ms that are left, or not at all", async (leftMs, header) => {
    const { upstream, http } = await start();
    const ctx = runContext(http, { deadline: Date.now() + leftMs });
    await provider(upstream)
      .run(generate(FLUX), ctx)
      .catch(() => {});
    expect(submission(upstream).headers["x-fal-request-timeout"]).toMatch(header);
  });

  it("never asks for pictures inside the answers, and sends the operator's headers", async () => {
    const { upstream, http } = await start();
    const headers = { "X-Fal-No-Retry": "1" };
    await provider(upstream, [FLUX], { headers }).run(generate(FLUX), runContext(http));
    expect(Object(submission(upstream).json())).not.toHaveProperty("sync_mode");
    expect(submission(upstream).headers["x-fal-no-retry"]).toBe("1");
    const extra = Object.assign(Object.create(null), { sync_mode: true });
    const all = provider(upstream, [{ id: FLUX, extra: "pass" }]);
    const error = await providerFailure(all.run(generate(FLUX, { extra }), runContext(http)));
    expect(error).toMatchObject({ fault: "unsupported_param", info: { param: "sync_mode", started: "no" } });
    expect(upstream.calls()).toBe(1);
  });

  it("ends at the deadline, and stops the work", async () => {
    const { upstream, http } = await start();
    upstream.play(QUEUED);
    const ctx = runContext(http, { deadline: Date.now() + 500 });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "timeout", info: { started: "yes" } });
    expect([...upstream.works.values()][0]?.isRemoved).toBe(true);
  });

  it("looks again where a look fails in passing, and submits nothing anew", async () => {
    const { upstream, http } = await start();
    upstream.stumble(json(502, {}), json(429, { detail: "slow down" }), (_request, response) =>
      response.destroy(),
    );
    const result = await provider(upstream, [FLUX], { pollMs: 20 }).run(generate(FLUX), runContext(http));
    expect(await pictures(result)).toHaveLength(1);
    expect(upstream.calls()).toBe(1);
  });

  it("fetches the result again where the queue stumbles over it", async () => {
    const { upstream, http } = await start();
    let fetched = 0;
    upstream.play(COMPLETED);
    upstream.result((request, response) => {
      fetched += 1;
      if (fetched < 3) return answer(fetched === 1 ? 502 : 429, "<html>")(request, response);
      return json(200, { images: [{ url: "https://host/a.png" }] })(request, response);
    });
    const result = await provider(upstream, [FLUX], { pollMs: 20 }).run(generate(FLUX), runContext(http));
    expect(await pictures(result)).toEqual(["https://host/a.png"]);
    expect(upstream.calls()).toBe(1);
  });

  it("keeps calls at the same time apart", async () => {
    const { upstream, http } = await start();
    const made = provider(upstream);
    const prompts = Array.from({ length: 8 }, (_, at) => `prompt number ${at}`);
    const results = await Promise.all(
      prompts.map((prompt) => made.run(generate(FLUX, { prompt }), runContext(http))),
    );
    for (const [at, result] of results.entries()) {
      expect(await pictures(result)).toEqual([upstream.link(`prompt number ${at}`, 0)]);
    }
    expect(upstream.calls()).toBe(8);
  });
});

describe("resume", () => {
  it("picks work up from another instance by its name, without submitting it anew", async () => {
    const { upstream, http } = await start();
    upstream.hang();
    const first = runContext(http);
    const left = provider(upstream).run(generate(FLUX, { prompt: "a lake" }), first);
    left.catch(() => {});
    await until(5_000, "the name of the work", () => first.refs.length === 1);
    const ref = JSON.parse(JSON.stringify(first.refs[0]));

    upstream.succeed();
    const second = runContext(http);
    const result = await provider(upstream).resume?.(ref, generate(FLUX, { prompt: "a lake" }), second);
    expect(result && (await pictures(result))).toEqual([upstream.link("a lake", 0)]);
    expect(second.refs).toEqual([]);
    expect(upstream.calls()).toBe(1);
    await left;
  });

  it("says so when nobody knows the work any more, and begins nothing", async () => {
    const { upstream, http } = await start();
    const work = "/fal-ai/flux/requests/gone";
    const ref = {
      provider: "fal",
      id: "gone",
      data: { status: `${work}/status`, response: work, cancel: `${work}/cancel` },
    };
    const error = await providerFailure(provider(upstream).resume?.(ref, generate(FLUX), runContext(http)));
    expect(error).toMatchObject({
      fault: "unavailable",
      message: "the upstream no longer knows the work",
      info: { started: "yes" },
    });
    expect(upstream.calls()).toBe(0);
  });

  it("asks nobody about a name that leads elsewhere", async () => {
    const { upstream, http } = await start();
    const ref = {
      provider: "fal",
      id: "1",
      data: { status: "//evil.example/a", response: "/b", cancel: "/c" },
    };
    const error = await providerFailure(provider(upstream).resume?.(ref, generate(FLUX), runContext(http)));
    expect(error.fault).toBe("protocol");
    expect(upstream.server.requests).toHaveLength(0);
  });
});

describe("abort", () => {
  it.each([
    ["waits removes it", QUEUED, true],
    ["runs tells it", RUNNING, false],
  ])("while the work %s, and ends the call within a second", async (_name, state, isRemoved) => {
    const { upstream, http } = await start();
    upstream.play(state);
    const controller = new AbortController();
    const ctx = runContext(http, { signal: controller.signal });
    const failed = providerFailure(provider(upstream).run(generate(FLUX), ctx));
    await until(5_000, "a look at the work", () => ctx.told.length > 1);
    const began = performance.now();
    controller.abort();
    expect(await failed).toMatchObject({ fault: "cancelled", info: { started: "yes" } });
    expect(performance.now() - began).toBeLessThan(1_000);
    const cancels = upstream.server.requests.filter(({ method }) => method === "PUT");
    expect(cancels.map(({ path }) => path)).toEqual([
      "/fal-ai/flux/requests/764cabcf-b745-4b3e-ae38-1/cancel",
    ]);
    expect(cancels[0]?.headers.authorization).toBe(`Key ${KEY}`);
    expect([...upstream.works.values()][0]?.isRemoved).toBe(isRemoved);
  });

  it("before anything is sent rejects and sends nothing", async () => {
    const { upstream, http } = await start();
    const ctx = runContext(http, { signal: AbortSignal.abort() });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "cancelled", info: { started: "no" } });
    expect(upstream.server.connections()).toBe(0);
  });
});

describe("cancel", () => {
  const work = "/fal-ai/flux/requests/1";
  const ref = {
    provider: "fal",
    id: "1",
    data: { status: `${work}/status`, response: work, cancel: `${work}/cancel` },
  };

  it.each([
    [200, "OK", "stopped"],
    [202, "CANCELLATION_REQUESTED", "requested"],
    [400, "ALREADY_COMPLETED", "too_late"],
    [404, "NOT_FOUND", "unknown"],
  ])("that is answered with %i %s reports %s", async (status, word, report) => {
    const server = await serve(json(status, { status: word }));
    const http = createHttpClient();
    const made = fal({ apiKey: KEY, models: [FLUX], baseUrl: server.url });
    open.push(server, http, made);
    expect(await made.cancel?.(ref, runContext(http))).toBe(report);
    expect(server.requests[0]).toMatchObject({ method: "PUT", path: `${work}/cancel` });
  });

  it("of a name that was not made here reports unknown, and asks nobody", async () => {
    const { upstream, http } = await start();
    const made = provider(upstream);
    const tampered = { ...ref, data: { ...ref.data, cancel: "//evil.example/a" } };
    expect(await made.cancel?.({ provider: "fal", id: "1" }, runContext(http))).toBe("unknown");
    expect(await made.cancel?.(tampered, runContext(http))).toBe("unknown");
    expect(upstream.server.connections()).toBe(0);
  });

  it.each([
    [401, "auth"],
    [500, "unavailable"],
  ])("rejects for status %i with a ProviderError", async (status, fault) => {
    const server = await serve(json(status, { detail: KEY }));
    const http = createHttpClient();
    const made = fal({ apiKey: KEY, models: [FLUX], baseUrl: server.url });
    open.push(server, http, made);
    const error = await providerFailure(made.cancel?.(ref, runContext(http)));
    expect(error.fault).toBe(fault);
    expect(error.message).not.toContain(KEY);
  });

  it("is not held up for ever by a queue that does not answer", async () => {
    const server = await serve(silence);
    const http = createHttpClient();
    const made = fal({ apiKey: KEY, models: [FLUX], baseUrl: server.url });
    open.push(server, http, made);
    const controller = new AbortController();
    const failed = providerFailure(made.cancel?.(ref, runContext(http, { signal: controller.signal })));
    await server.next();
    controller.abort();
    expect((await failed).fault).toBe("cancelled");
  });
});
