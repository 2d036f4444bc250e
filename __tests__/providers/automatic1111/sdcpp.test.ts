import type { ImageTask } from "../../../lib/ports/task";
import { type Bench, createBench, failure, generate, inputImage, pictures } from "./bench";
import { recording, replayed, startSdCpp } from "./sdcpp";
import { PIXEL } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

/** A recorded stable-diffusion.cpp, which speaks the dialect without being a web UI. */
async function sdcpp(draw: string) {
  const server = await startSdCpp(replayed(draw));
  const provider = bench.provider(server);
  return {
    provider,
    sent: () =>
      server.requests.filter(({ method }) => method === "POST").map((request) => Object(request.json())),
    close: () => server.close(),
  };
}

describe("stable-diffusion.cpp", () => {
  it("promises what it can: no steps, no previews, no stop, no variations, no mask", async () => {
    const { provider, close } = await sdcpp("sdapi txt2img ok");
    expect(await provider.models(bench.context())).toEqual([
      expect.objectContaining({
        id: "tiny",
        ops: ["generate", "edit"],
        extra: ["steps", "cfg_scale", "denoising_strength", "sampler_name", "scheduler"],
        progress: "status",
        previews: false,
        cancel: { queued: "yes", running: "no" },
        params: expect.objectContaining({ mask: false, seed: true }),
      }),
    ]);
    await close();
  });

  it("gives the recorded pictures, with the seeds that it counts up from the one it was sent", async () => {
    const { provider, sent, close } = await sdcpp("sdapi txt2img ok");
    const ctx = bench.context({ wantsPreviews: true });
    const task = generate({
      model: "tiny",
      n: 2,
      seed: 2 ** 31 + 7,
      negativePrompt: "blur",
      extra: { sampler_name: "EULER_A" },
    });
    const result = await provider.run(task, ctx);
    const { images } = Object(recording("sdapi txt2img ok").response.json);
    expect(await pictures(result)).toEqual(images.map((image: string) => Buffer.from(image, "base64")));
    const seeds: unknown[] = [];
    for await (const { seed } of result.images) seeds.push(seed);
    expect(seeds).toEqual([7, 8]);
    expect(sent()).toEqual([
      expect.objectContaining({ prompt: "a red cube", batch_size: 2, seed: 7, sampler_name: "euler_a" }),
    ]);
    // Its steps are set where it was started.
    expect(sent()[0]).not.toHaveProperty("steps");
    expect(ctx.told).toEqual([{ phase: "sampling" }, { phase: "saving" }]);
    await close();
  });

  it.each([
    ["sdapi no prompt", "prompt required"],
    ["sdapi width zero", "width and height must be positive"],
  ])("gives the reason of the recorded %s", async (name, message) => {
    const { provider, close } = await sdcpp(name);
    const error = await failure(provider.run(generate({ model: "tiny" }), bench.context()));
    expect(error).toMatchObject({ fault: "invalid_request", message, info: { started: "no", status: 400 } });
    await close();
  });

  it("does not get a mask, which it would read by its colours", async () => {
    const { provider, sent, close } = await sdcpp("sdapi txt2img ok");
    const image = inputImage(PIXEL);
    const masked: ImageTask = { ...generate({ model: "tiny" }), op: "edit", images: [image], mask: image };
    const error = await failure(provider.run(masked, bench.context()));
    expect(error).toMatchObject({ fault: "unsupported_param", info: { started: "no", param: "mask" } });
    const { mask: _none, ...edit } = masked;
    expect(await pictures(await provider.run(edit, bench.context()))).toHaveLength(1);
    expect(sent()).toEqual([expect.objectContaining({ init_images: [PIXEL.toString("base64")] })]);
    await close();
  });
});
