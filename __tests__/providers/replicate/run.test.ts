import { type ReplicateModel, type ReplicateOptions, replicate } from "../../../lib/providers/replicate";
import { until } from "../../../lib/testing/patience";
import { createHttpClient } from "../../../lib/transport/http-client";
import { json, silence } from "../../support/upstream";
import { generate, pictures, providerFailure, runContext } from "../hosted/context";
import { type ReplicateUpstream, startReplicate, TOKEN } from "./upstream";

const FLUX = "black-forest-labs/flux-dev";
const VERSION = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start() {
  const upstream = await startReplicate();
  open.push(upstream);
  const http = createHttpClient();
  open.push(http);
  return { upstream, http };
}

function provider(
  { url }: ReplicateUpstream,
  models: readonly (string | ReplicateModel)[] = [FLUX],
  more: Partial<ReplicateOptions> = {},
) {
  const made = replicate({ apiToken: TOKEN, models, baseUrl: url, pollMs: 1, ...more });
  open.push(made);
  return made;
}

const creation = ({ server }: ReplicateUpstream) => {
  const request = server.requests.find(({ method }) => method === "POST");
  if (request === undefined) throw new Error("nothing was created");
  return request;
};

describe("run", () => {
  it("creates a prediction, follows it and hands on the links of its pictures", async () => {
    const { upstream, http } = await start();
    const ctx = runContext(http);
    const task = generate(FLUX, {
      prompt: "a lighthouse",
      n: 2,
      seed: 7,
      size: { width: 1024, height: 1024 },
    });
    const result = await provider(upstream).run(task, ctx);

    const links = [upstream.link("a lighthouse", 0), upstream.link("a lighthouse", 1)];
    expect(await pictures(result)).toEqual(links);
    for (const { data } of Array.isArray(result.images) ? result.images : []) {
      expect(data).toMatchObject({ as: "url", expiresAt: Date.parse("2026-11-23T13:00:00Z") });
    }
    expect(result.meta()).toEqual({ upstreamId: "p1xq0rj40cp7r9c1kaq", warnings: [] });
    expect(ctx.refs).toEqual([{ provider: "replicate", id: "p1xq0rj40cp7r9c1kaq" }]);
    expect(ctx.told).toEqual([
      { phase: "queued" },
      { phase: "loading" },
      { phase: "sampling", step: 3, steps: 4 },
    ]);
    expect(creation(upstream)).toMatchObject({
      path: `/v1/models/${FLUX}/predictions`,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    });
    expect(creation(upstream).headers).not.toHaveProperty("prefer");
    expect(creation(upstream).json()).toEqual({
      input: { prompt: "a lighthouse", num_outputs: 2, seed: 7, aspect_ratio: "1:1" },
    });
    const looks = upstream.server.requests.filter(({ method }) => method === "GET");
    expect(looks).toHaveLength(3);
    for (const { path, headers } of looks) {
      expect(path).toBe("/v1/predictions/p1xq0rj40cp7r9c1kaq");
      expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    }
  });

  it.each([
    [`acme/thing:${VERSION}`, "/v1/predictions", { version: VERSION, input: { prompt: "a red cube" } }],
    ["acme/thing", "/v1/models/acme/thing/predictions", { input: { prompt: "a red cube" } }],
    ["deployments/acme/app", "/v1/deployments/acme/app/predictions", { input: { prompt: "a red cube" } }],
  ])("creates a prediction of %s at its address", async (model, path, body) => {
    const { upstream, http } = await start();
    await provider(upstream, [model]).run(generate(model), runContext(http));
    expect(creation(upstream).path).toBe(path);
    expect(creation(upstream).json()).toEqual(body);
  });

  it("sends what the operator has fixed under the model's own name", async () => {
    const { upstream, http } = await start();
    const style: ReplicateModel = {
      id: "house-style",
      upstream: `acme/style:${VERSION}`,
      family: "flux",
      defaults: { lora_scale: 0.9, num_inference_steps: 28 },
    };
    const extra = Object.assign(Object.create(null), { steps: 8 });
    await provider(upstream, [style]).run(generate("house-style", { extra }), runContext(http));
    expect(creation(upstream).json()).toEqual({
      version: VERSION,
      input: { lora_scale: 0.9, num_inference_steps: 8, num_outputs: 1, prompt: "a red cube" },
    });
  });

  it.each([
    [90_500, /^9[01]s$/],
    [1_000, /^5s$/],
    [10 * 86_400_000, /^86400s$/],
  ])("asks Replicate to end the work by itself when %i ms are left", async (leftMs, header) => {
    const { upstream, http } = await start();
    const ctx = runContext(http, { deadline: Date.now() + leftMs });
    await provider(upstream).run(generate(FLUX), ctx);
    expect(creation(upstream).headers["cancel-after"]).toMatch(header);
  });

  it("names the work before it looks after it", async () => {
    const { upstream, http } = await start();
    let looksAtName = Number.NaN;
    const ctx = runContext(http, {
      submitted: async () => {
        await new Promise(setImmediate);
        looksAtName = upstream.server.requests.length;
      },
    });
    await provider(upstream).run(generate(FLUX), ctx);
    expect(looksAtName).toBe(1);
  });

  it("stops the work when its name cannot be kept", async () => {
    const { upstream, http } = await start();
    upstream.hang();
    const ctx = runContext(http, { submitted: () => Promise.reject(new Error("canary: no queue")) });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "internal", info: { started: "yes" } });
    expect(error.message).not.toContain("canary");
    expect([...upstream.predictions.values()][0]?.isCanceled).toBe(true);
  });

  it("sends nothing when there is no time left", async () => {
    const { upstream, http } = await start();
    const ctx = runContext(http, { deadline: Date.now() - 1 });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "timeout", info: { started: "no" } });
    expect(upstream.server.requests).toHaveLength(0);
  });

  it("ends at the deadline, and stops the work", async () => {
    const { upstream, http } = await start();
    upstream.hang();
    const ctx = runContext(http, { deadline: Date.now() + 500 });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "timeout", info: { started: "yes" } });
    expect([...upstream.predictions.values()][0]?.isCanceled).toBe(true);
  });

  it("ends at the deadline too when the creation is not answered", async () => {
    const { upstream, http } = await start();
    upstream.refuse(silence);
    const ctx = runContext(http, { deadline: Date.now() + 80 });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), ctx));
    expect(error).toMatchObject({ fault: "timeout", info: { started: "maybe" } });
  });

  it("looks again where a look fails in passing, and creates nothing anew", async () => {
    const { upstream, http } = await start();
    const throttled = json(429, { detail: "Your rate limit resets in ~0s.", status: 429 });
    upstream.stumble(json(502, {}), throttled, (_request, response) => response.destroy());
    const result = await provider(upstream, [FLUX], { pollMs: 20 }).run(generate(FLUX), runContext(http));
    expect(await pictures(result)).toHaveLength(1);
    expect(upstream.calls()).toBe(1);
  });

  it("refuses a look at another prediction than its own", async () => {
    const { upstream, http } = await start();
    upstream.stumble(json(200, { id: "another", status: "succeeded", output: ["https://host/a.png"] }));
    const error = await providerFailure(provider(upstream).run(generate(FLUX), runContext(http)));
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });

  it("refuses an id that would lead elsewhere", async () => {
    const { upstream, http } = await start();
    upstream.refuse(json(201, { id: "../account", status: "starting" }));
    const error = await providerFailure(provider(upstream).run(generate(FLUX), runContext(http)));
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
    expect(upstream.server.requests).toHaveLength(1);
  });

  it("knows the models that were named, no others", async () => {
    const { upstream, http } = await start();
    const error = await providerFailure(provider(upstream).run(generate("acme/else"), runContext(http)));
    expect(error).toMatchObject({ fault: "not_found", info: { started: "no", param: "model" } });
    expect(upstream.server.requests).toHaveLength(0);
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
  it("picks work up from another instance by its name, without a second prediction", async () => {
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
    const ref = { provider: "replicate", id: "gone" };
    const error = await providerFailure(provider(upstream).resume?.(ref, generate(FLUX), runContext(http)));
    expect(error).toMatchObject({
      fault: "unavailable",
      message: "the upstream no longer knows the work",
      info: { started: "yes" },
    });
    expect(upstream.calls()).toBe(0);
    expect(upstream.server.requests).toHaveLength(1);
  });

  it("says so when the pictures were removed", async () => {
    const { upstream, http } = await start();
    upstream.play({ status: "succeeded", output: null, data_removed: true });
    const error = await providerFailure(provider(upstream).run(generate(FLUX), runContext(http)));
    expect(error).toMatchObject({
      fault: "unavailable",
      message: "the upstream no longer has the pictures",
      info: { started: "yes" },
    });
  });

  it("asks nobody about a name that would lead elsewhere", async () => {
    const { upstream, http } = await start();
    const ref = { provider: "replicate", id: "../account" };
    const error = await providerFailure(provider(upstream).resume?.(ref, generate(FLUX), runContext(http)));
    expect(error.fault).toBe("protocol");
    expect(upstream.server.requests).toHaveLength(0);
  });
});
