import type { ImageTask } from "../../../lib/ports/task";
import type { Automatic1111Options } from "../../../lib/providers/automatic1111/options";
import { json, type SeenRequest } from "../../support/upstream";
import { type Bench, createBench, failure, generate, inputImage, pictures } from "./bench";
import { CHECKPOINT, PIXEL } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

/** What a web UI is asked for a task. */
async function asked(task: ImageTask, options: Partial<Automatic1111Options> = {}) {
  const server = await bench.webUI();
  const ctx = bench.context();
  const result = await bench.provider(server, options).run(task, ctx);
  const [body] = server.asked;
  if (body === undefined) throw new Error("nothing was asked");
  const path = server.requests.find(
    ({ path: each }) => /2img$/.test(each) && !isProbe(server.requests, each),
  );
  return { body, result, ctx, server, path };
}

const isProbe = (requests: readonly SeenRequest[], path: string): boolean =>
  requests.every((request) => request.path !== path || request.method === "GET");

describe("a call", () => {
  it("asks for what its task says, and for nothing else", async () => {
    const { body, ctx } = await asked(
      generate({
        prompt: 'a "red" cube',
        negativePrompt: "blur",
        n: 2,
        size: { width: 640, height: 512 },
        seed: 2 ** 40 + 7,
        quality: "hd",
        style: "vivid",
        endUser: "someone",
      }),
    );
    expect(body).toEqual({
      prompt: 'a "red" cube',
      negative_prompt: "blur",
      batch_size: 2,
      width: 640,
      height: 512,
      // NumPy, which extensions draw with, takes no larger ones.
      seed: 7,
      steps: 20,
      force_task_id: ctx.callKey,
      override_settings: { sd_model_checkpoint: CHECKPOINT.title },
    });
  });

  it("leaves the size to the model and draws a seed when the task names none", async () => {
    const first = await asked(generate({ size: "auto" }));
    expect(first.body).not.toHaveProperty("width");
    const second = await asked(generate());
    expect(Number.isSafeInteger(first.body["seed"])).toBe(true);
    expect(second.body["seed"]).not.toBe(first.body["seed"]);
  });

  it("gives the pictures, each with the seed that the server names", async () => {
    const { result, ctx } = await asked(generate({ n: 3, prompt: "cube" }));
    const bytes = await pictures(result);
    expect(bytes).toHaveLength(3);
    expect(new Set(bytes.map((each) => each.toString("hex"))).size).toBe(3);
    for (const each of bytes) expect(each.subarray(0, PIXEL.length)).toEqual(PIXEL);
    const seeds: unknown[] = [];
    for await (const { seed } of result.images) seeds.push(seed);
    expect(seeds).toEqual([100, 101, 102]);
    expect(result.meta()).toEqual({ warnings: [] });
    expect(ctx.told.at(-1)).toEqual({ phase: "saving" });
  });

  it("sends the fields that the card lists, by the server's names for what they hold", async () => {
    const { body } = await asked(
      generate({
        extra: { steps: 7, cfg_scale: 0, sampler_name: "K_EULER_A", scheduler: "SGM uniform" },
      }),
    );
    expect(body).toMatchObject({
      steps: 7,
      cfg_scale: 0,
      sampler_name: "Euler a",
      scheduler: "sgm_uniform",
    });
  });

  it.each([
    ["steps", 0],
    ["steps", 151],
    ["steps", "20"],
    ["steps", 2.5],
    ["cfg_scale", 31],
    ["cfg_scale", Number.POSITIVE_INFINITY],
    ["sampler_name", "Nope"],
    ["sampler_name", 5],
    ["sampler_name", "__proto__"],
    ["scheduler", ["Karras"]],
  ])("refuses %s %p before anything is sent", async (name, value) => {
    const server = await bench.webUI();
    const extra = { [name]: value };
    const error = await failure(bench.provider(server).run(generate({ extra }), bench.context()));
    expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no", param: name } });
    expect(error.message).toContain(name);
    expect(server.calls()).toBe(0);
  });

  it.each([
    "override_settings",
    "alwayson_scripts",
    "script_name",
    "script_args",
    "infotext",
    "styles",
    "enable_hr",
    "n_iter",
    "save_images",
    "denoising_strength",
    "constructor",
  ])("refuses %s, whoever let it through", async (name) => {
    const server = await bench.webUI();
    const extra = { [name]: {} };
    const error = await failure(bench.provider(server).run(generate({ extra }), bench.context()));
    expect(error).toMatchObject({ fault: "unsupported_param", info: { started: "no", param: name } });
    expect(server.calls()).toBe(0);
  });

  it("takes null in a field for nothing said", async () => {
    const { body } = await asked(generate({ extra: { steps: null, denoising_strength: null } }));
    expect(body).toMatchObject({ steps: 20 });
    expect(body).not.toHaveProperty("denoising_strength");
  });

  it("takes control blocks out of the words of a caller, and says so", async () => {
    const { body, result } = await asked(
      generate({ prompt: "a <lora:style:1> cube", negativePrompt: "<hypernet:x>" }),
    );
    expect(body).toMatchObject({ prompt: "a < lora:style:1> cube", negative_prompt: "< hypernet:x>" });
    expect(result.meta().warnings).toEqual([
      { param: "prompt", message: expect.stringContaining("control sequences") },
      { param: "negative_prompt", message: expect.stringContaining("control sequences") },
    ]);
  });

  it("leaves them in where the operator wants it", async () => {
    const { body, result } = await asked(generate({ prompt: "a <lora:style:1> cube" }), {
      sanitizePrompt: false,
    });
    expect(body["prompt"]).toBe("a <lora:style:1> cube");
    expect(result.meta().warnings).toEqual([]);
  });
});

describe("what the operator presets", () => {
  const options: Partial<Automatic1111Options> = {
    models: [
      "sd_xl_base_1.0",
      {
        id: "fast",
        upstream: CHECKPOINT.hash,
        defaults: { steps: 4, sampler_name: "dpm++ 2m" },
        overrideSettings: { CLIP_stop_at_last_layers: 2 },
      },
    ],
    defaults: { steps: 30, cfg_scale: 5, width: 1024, height: 768, negative_prompt: "<lora:mine:1> blur" },
    overrideSettings: { sd_vae: "Automatic" },
  };

  it("holds where the caller says nothing", async () => {
    const { body } = await asked(generate(), options);
    expect(body).toMatchObject({
      steps: 30,
      cfg_scale: 5,
      width: 1024,
      height: 768,
      negative_prompt: "<lora:mine:1> blur",
      override_settings: { sd_vae: "Automatic", sd_model_checkpoint: CHECKPOINT.title },
    });
  });

  it("gives way to the caller", async () => {
    const task = generate({ negativePrompt: "", size: { width: 64, height: 64 }, extra: { cfg_scale: 9 } });
    const { body } = await asked(task, options);
    expect(body).toMatchObject({ steps: 30, cfg_scale: 9, width: 64, height: 64, negative_prompt: "" });
  });

  it("for one model is added to what holds for all, also where two share a checkpoint", async () => {
    const { body } = await asked(generate({ model: "fast" }), options);
    expect(body).toMatchObject({
      steps: 4,
      cfg_scale: 5,
      sampler_name: "DPM++ 2M",
      override_settings: {
        sd_vae: "Automatic",
        CLIP_stop_at_last_layers: 2,
        sd_model_checkpoint: CHECKPOINT.title,
      },
    });
  });

  it("and does not fit the server is the operator's fault, not the caller's", async () => {
    const server = await bench.webUI();
    const provider = bench.provider(server, { defaults: { sampler_name: "Nope" } });
    const error = await failure(provider.run(generate(), bench.context()));
    expect(error).toMatchObject({
      fault: "misconfigured",
      info: {
        started: "no",
        cause: expect.stringContaining("sampler_name must be one of Euler a, DPM++ 2M"),
      },
    });
    expect(error.message).not.toContain("Nope");
    expect(server.calls()).toBe(0);
  });
});

describe("a model", () => {
  it("whose checkpoint the server does not have is never sent, for it would be drawn with another", async () => {
    const server = await bench.webUI();
    const error = await failure(bench.provider(server).run(generate({ model: "other" }), bench.context()));
    expect(error).toMatchObject({ fault: "not_found", info: { started: "no" } });
    expect(server.calls()).toBe(0);
  });

  it("that the operator has not named is not offered", async () => {
    const server = await bench.webUI();
    const provider = bench.provider(server, { models: ["sdxl"] });
    const error = await failure(provider.run(generate(), bench.context()));
    expect(error).toMatchObject({ fault: "not_found", info: { started: "no" } });
    expect(server.requests).toHaveLength(0);
  });

  it("is asked for as it was named by a server that does not list its models", async () => {
    const server = await bench.webUI();
    server.routes.set("/sdapi/v1/sd-models", json(404, { detail: "Not Found" }));
    const provider = bench.provider(server, { models: ["mine.ckpt"] });
    await provider.run(generate({ model: "mine.ckpt" }), bench.context());
    expect(server.asked[0]).toMatchObject({ override_settings: { sd_model_checkpoint: "mine.ckpt" } });
  });
});

describe("an edit", () => {
  const image = inputImage(PIXEL);

  it("works on the picture, at the size asked for, without stretching it", async () => {
    const task: ImageTask = {
      ...generate({ size: { width: 512, height: 256 }, extra: { denoising_strength: 0.6 } }),
      op: "edit",
      images: [image],
    };
    const { body, path, ctx } = await asked(task);
    expect(path?.path).toBe("/sdapi/v1/img2img");
    expect(body).toMatchObject({
      prompt: "a red cube",
      init_images: [PIXEL.toString("base64")],
      width: 512,
      height: 256,
      resize_mode: 1,
      denoising_strength: 0.6,
    });
    expect(body).not.toHaveProperty("mask");
    // How many of its steps a picture takes depends on how much of it may change.
    for (const report of ctx.told) expect(report).not.toHaveProperty("steps");
  });

  it("keeps the picture's own size when the task names none, whatever is preset for drawing", async () => {
    const { body } = await asked(
      { ...generate(), op: "edit", images: [image] },
      { defaults: { width: 1024, height: 1024, denoising_strength: 0.4 } },
    );
    expect(body).toMatchObject({ width: 64, height: 64, denoising_strength: 0.4 });
  });

  it("with a mask paints where that is transparent", async () => {
    const mask = inputImage(PIXEL);
    const { body } = await asked({ ...generate(), op: "edit", images: [image], mask });
    expect(body).toMatchObject({
      mask: PIXEL.toString("base64"),
      inpainting_mask_invert: 1,
      inpainting_fill: 1,
      inpaint_full_res: false,
    });
  });

  it("takes one picture", async () => {
    const server = await bench.webUI();
    for (const images of [[], [image, image]]) {
      const task: ImageTask = { ...generate(), op: "edit", images };
      const error = await failure(bench.provider(server).run(task, bench.context()));
      expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no", param: "image" } });
    }
    expect(server.calls()).toBe(0);
  });

  it("of a server that has no such route is refused", async () => {
    const server = await bench.webUI();
    server.routes.set("/sdapi/v1/img2img", json(404, { detail: "Not Found" }));
    const task: ImageTask = { ...generate(), op: "edit", images: [image] };
    const error = await failure(bench.provider(server).run(task, bench.context()));
    expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no" } });
  });

  it("without words is a variation, of which less may change", async () => {
    const { prompt: _none, ...task } = generate();
    const { body } = await asked({ ...task, op: "variation", images: [image] });
    expect(body).toMatchObject({
      prompt: "",
      denoising_strength: 0.5,
      init_images: [PIXEL.toString("base64")],
    });
  });
});

describe("an answer", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  async function read(answer: object, n = 2) {
    const server = await bench.webUI();
    server.failure = json(200, answer);
    const result = await bench.provider(server).run(generate({ n, seed: 7 }), bench.context());
    const seeds: unknown[] = [];
    for await (const { seed } of result.images) seeds.push(seed);
    return { pictures: (await pictures(result)).map(String), seeds, warnings: result.meta().warnings };
  }

  it("may begin with an overview of all pictures, which is none of them", async () => {
    const images = ["grid", "one", "two", "a controlnet's map"].map(base64);
    const info = JSON.stringify({ index_of_first_image: 1, all_seeds: [41, 42] });
    expect(await read({ images, info })).toEqual({ pictures: ["one", "two"], seeds: [41, 42], warnings: [] });
  });

  it.each([
    "",
    "no JSON",
    "null",
    "[1]",
    '{"index_of_first_image": -1, "all_seeds": "x"}',
    '{"index_of_first_image": "1", "all_seeds": [null, {}]}',
  ])("whose info is %j is read all the same", async (info) => {
    const images = ["one", "two"].map(base64);
    expect(await read({ images, info })).toEqual({ pictures: ["one", "two"], seeds: [7, 8], warnings: [] });
    expect(await read({ images })).toMatchObject({ seeds: [7, 8] });
  });

  it("with fewer pictures comes with a warning, and what is no picture is left out", async () => {
    expect(await read({ images: [null, base64("one"), "", 5] })).toMatchObject({
      pictures: ["one"],
      warnings: [{ param: "n", message: "the server made 1 of 2 pictures" }],
    });
  });

  it.each([{}, { images: null }, { images: [] }, { images: [5, null] }, { images: "x" }])(
    "%j has no picture",
    async (answer) => {
      const server = await bench.webUI();
      server.failure = json(200, answer);
      const error = await failure(bench.provider(server).run(generate(), bench.context()));
      expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
    },
  );
});

describe("credentials", () => {
  it("go with every request, as HTTP Basic", async () => {
    const server = await bench.webUI({ auth: "gateway:canary" });
    const provider = bench.provider(server, {
      username: "gateway",
      password: "canary",
      headers: { "x-a": "1" },
    });
    await provider.run(generate(), bench.context());
    const authorization = `Basic ${Buffer.from("gateway:canary").toString("base64")}`;
    expect(server.requests.length).toBeGreaterThan(5);
    for (const { headers } of server.requests) expect(headers).toMatchObject({ authorization, "x-a": "1" });
  });

  it("that are refused are told before anything is drawn", async () => {
    const server = await bench.webUI({ auth: "gateway:canary" });
    const error = await failure(bench.provider(server).run(generate(), bench.context()));
    expect(error).toMatchObject({ fault: "auth", info: { started: "no", status: 401 } });
    expect(server.calls()).toBe(0);
  });
});
