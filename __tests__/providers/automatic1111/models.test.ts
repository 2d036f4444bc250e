import type { ModelCard } from "../../../lib/ports/model-card";
import { answer, json, silence, upstream } from "../../support/upstream";
import { type Bench, createBench, failure } from "./bench";
import { CHECKPOINT } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const EXTRA = ["steps", "cfg_scale", "denoising_strength", "sampler_name", "scheduler"];

describe("models", () => {
  it("are the checkpoints of the server, with all that is known of them", async () => {
    const web = await bench.webUI();
    const cards = await bench.provider(web).models(bench.context());
    const card: ModelCard = {
      id: CHECKPOINT.model_name,
      ops: ["generate", "edit", "variation"],
      extra: EXTRA,
      progress: "steps",
      previews: true,
      cancel: { queued: "yes", running: "yes" },
      resume: false,
      idempotent: false,
      stream: false,
      limits: {
        n: 1,
        inputImages: 1,
        concurrent: 1,
        sizes: [{ kind: "grid", step: 8, min: 64, max: 2048, auto: true }],
        qualities: [],
        styles: [],
        backgrounds: [],
        formats: [],
      },
      params: {
        seed: true,
        negativePrompt: true,
        mask: true,
        quality: false,
        style: false,
        background: false,
        moderation: false,
        output: false,
        endUser: false,
      },
    };
    expect(cards).toEqual([card]);
  });

  it("are asked for without beginning, changing or interrupting anything", async () => {
    const web = await bench.webUI();
    await bench.provider(web).models(bench.context());
    expect(web.requests.length).toBeGreaterThan(0);
    for (const { method } of web.requests) expect(method).toBe("GET");
  });

  it.each<[string, Parameters<Bench["webUI"]>[0], object, Partial<ModelCard>]>([
    ["without its page", { page: false }, {}, { previews: false, cancel: { queued: "yes", running: "no" } }],
    [
      "without its page, of our own",
      { page: false },
      { exclusive: true },
      { previews: true, cancel: { queued: "yes", running: "best_effort" } },
    ],
    [
      "without live previews",
      { options: { live_previews_enable: false } },
      {},
      { previews: false, progress: "steps" },
    ],
  ])("of a server %s promise no more than it can", async (_name, server, options, expected) => {
    const web = await bench.webUI(server);
    expect(await bench.provider(web, options).models(bench.context())).toEqual([
      expect.objectContaining(expected),
    ]);
  });

  it.each<[string, string, Partial<ModelCard>]>([
    ["interrupt", "/sdapi/v1/interrupt", { cancel: { queued: "yes", running: "no" } }],
    ["img2img", "/sdapi/v1/img2img", { ops: ["generate"] }],
    ["samplers", "/sdapi/v1/samplers", { extra: EXTRA.filter((name) => name !== "sampler_name") }],
    ["schedulers", "/sdapi/v1/schedulers", { extra: EXTRA.filter((name) => name !== "scheduler") }],
    [
      "pending tasks",
      "/internal/pending-tasks",
      { previews: false, cancel: { queued: "yes", running: "no" } },
    ],
    ["progress", "/sdapi/v1/progress", { progress: "status", previews: false, ops: ["generate", "edit"] }],
    ["options", "/sdapi/v1/options", { previews: true }],
  ])("of a server without %s say so", async (_name, route, expected) => {
    const web = await bench.webUI();
    web.routes.set(route, json(404, { detail: "Not Found" }));
    expect(await bench.provider(web).models(bench.context())).toEqual([expect.objectContaining(expected)]);
  });

  it("that the operator names are what he says of them", async () => {
    const web = await bench.webUI();
    const provider = bench.provider(web, {
      models: [
        CHECKPOINT.title,
        {
          id: "sdxl",
          upstream: CHECKPOINT.hash,
          aliases: ["dall-e-3"],
          previews: false,
          limits: { n: 4, sizes: [{ kind: "list", values: ["1024x1024"] }] },
          params: { negativePrompt: false },
          defaults: { steps: 4 },
        },
      ],
    });
    const [first, second] = await provider.models(bench.context());
    expect(first).toMatchObject({ id: CHECKPOINT.title, previews: true });
    expect(second).toMatchObject({
      id: "sdxl",
      aliases: ["dall-e-3"],
      previews: false,
      progress: "steps",
      limits: { n: 4, concurrent: 1, sizes: [{ kind: "list", values: ["1024x1024"] }] },
      params: { negativePrompt: false, seed: true },
    });
    // The task then carries the model's own id.
    expect(second).not.toHaveProperty("upstream");
    expect(second).not.toHaveProperty("defaults");
  });

  it("that the server does not have are offered, and told to the operator", async () => {
    const web = await bench.webUI();
    const cards = await bench.provider(web, { models: ["other"] }).models(bench.context());
    expect(cards).toHaveLength(1);
    expect(bench.logged).toEqual([
      { about: { model: "other" }, message: expect.stringContaining("does not have the checkpoint") },
    ]);
  });

  it("that are named are offered while the server is away, without a word of what it can do", async () => {
    const gone = await upstream(silence);
    await gone.close();
    const [card] = await bench.provider(gone, { models: ["sdxl"] }).models(bench.context());
    expect(card).toMatchObject({ id: "sdxl", limits: { n: 1 }, params: { seed: true } });
    for (const name of ["ops", "extra", "progress", "previews", "cancel"])
      expect(card).not.toHaveProperty(name);
    expect(card?.params).not.toHaveProperty("mask");
    expect(bench.logged).toEqual([expect.objectContaining({ about: { fault: "unavailable" } })]);
  });

  it.each<[string, Parameters<typeof upstream>[0], string]>([
    ["does not have its API on", json(404, { detail: "Not Found" }), "misconfigured"],
    ["lists none", json(200, []), "misconfigured"],
    ["is something else", answer(200, "<html>"), "misconfigured"],
    ["refuses us", json(401, { detail: "canary" }), "auth"],
    ["fails", answer(500, "Internal Server Error"), "unavailable"],
  ])("of a server that %s cannot be told", async (_name, reply, fault) => {
    const server = await bench.upstream(reply);
    const error = await failure(Promise.resolve(bench.provider(server).models(bench.context())));
    expect(error).toMatchObject({ fault, info: { started: "no" } });
    expect(error.message).not.toContain("canary");
  });

  it("are asked for once by many at the same time, and once in a while", async () => {
    const web = await bench.webUI();
    const provider = bench.provider(web, {}, { holdMs: 60_000 });
    await Promise.all(Array.from({ length: 5 }, () => provider.models(bench.context())));
    await provider.models(bench.context());
    const lists = web.requests.filter(({ path }) => path === "/sdapi/v1/sd-models");
    expect(lists).toHaveLength(1);
  });

  it("are told to the others when whoever asked first has left", async () => {
    const web = await bench.webUI();
    web.routes.set("/sdapi/v1/sd-models", silence);
    const provider = bench.provider(web);
    const controller = new AbortController();
    const first = failure(Promise.resolve(provider.models(bench.context({}, controller))));
    const second = Promise.resolve(provider.models(bench.context()));
    while (!web.requests.some(({ path }) => path === "/sdapi/v1/sd-models")) await web.next();
    web.routes.clear();
    controller.abort();
    expect((await first).fault).toBe("cancelled");
    expect(await second).toHaveLength(1);
  });

  it("are no longer waited for by whoever leaves while another has asked", async () => {
    const web = await bench.webUI();
    web.routes.set("/sdapi/v1/sd-models", silence);
    const provider = bench.provider(web, {}, { answerMs: 300 });
    const first = failure(Promise.resolve(provider.models(bench.context())));
    const controller = new AbortController();
    const second = failure(Promise.resolve(provider.models(bench.context({}, controller))));
    controller.abort();
    expect((await second).fault).toBe("cancelled");
    expect((await first).fault).toBe("timeout");
  });
});
