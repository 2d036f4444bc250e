import { readImageHead } from "../../../lib/internal/image-head";
import { comfyui } from "../../../lib/providers/comfyui";
import { createBench, generate, pictures } from "./bench";
import { readRecording, recordedRuns } from "./recording";

const bench = createBench();
afterAll(() => bench.close());

const UUID = /^[0-9a-f-]{36}$/;

describe("a run, as it was recorded", () => {
  it("gives the picture that the server made, without the workflow and the prompt in it", async () => {
    const server = await bench.replay("02-success-n1");
    const ctx = bench.context();
    const result = await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);
    const [picture] = await pictures(result);

    expect(readImageHead(picture ?? Buffer.alloc(0))).toEqual({
      contentType: "image/png",
      width: 128,
      height: 128,
    });
    expect(picture?.includes("KSampler")).toBe(false);
    expect(picture?.subarray(-8, -4).toString()).toBe("IEND");
    expect(result.meta()).toEqual({ upstreamId: ctx.callKey, warnings: [] });
  });

  it("leaves the metadata in when the operator wants it", async () => {
    const server = await bench.replay("02-success-n1");
    const provider = bench.for(server, {}, { keepMetadata: true });
    const [picture] = await pictures(await provider.run(generate(), bench.context()));

    expect(picture?.includes("KSampler")).toBe(true);
  });

  it("reports every step once, in an even row that never falls, and shows every preview", async () => {
    const server = await bench.replay("02-success-n1");
    const ctx = bench.context();
    await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);

    const fractions = ctx.told.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    const steps = ctx.told.map(({ step }) => step).filter((step) => step !== undefined);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect([...new Set(steps)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(ctx.told.every(({ steps: all }) => all === undefined || all === 6)).toBe(true);
    expect(Math.max(...fractions)).toBeLessThan(1);
    const sampled = [
      ...new Set(ctx.told.filter(({ phase }) => phase === "sampling").map(({ fraction }) => fraction)),
    ];
    const strides = sampled.slice(1).map((fraction, index) => (fraction ?? 0) - (sampled[index] ?? 0));
    expect(Math.max(...strides) - Math.min(...strides)).toBeLessThan(0.01);
    const shown = ctx.told.flatMap(({ preview }) => (preview === undefined ? [] : [preview]));
    expect(shown).toHaveLength(6);
    expect(shown.map(({ bytes }) => readImageHead(bytes)?.contentType)).toEqual(Array(6).fill("image/jpeg"));
    expect([...new Set(ctx.told.map(({ phase }) => phase))]).toEqual([
      "loading",
      "sampling",
      "decoding",
      "saving",
    ]);
  });

  it("asks under an id of its own, which is told before the graph is sent", async () => {
    const server = await bench.replay("02-success-n1");
    const postsWhenTold: number[] = [];
    const ctx = bench.context({ submitted: async () => void postsWhenTold.push(server.posts.length) });
    await bench.for(server).run(generate(), ctx);

    expect(postsWhenTold).toEqual([0]);
    expect(server.posts).toMatchObject([{ prompt_id: ctx.callKey, client_id: expect.stringMatching(UUID) }]);
    expect(server.clients).toEqual([server.posts[0]?.["client_id"]]);
    expect(server.hellos).toEqual(['{"type":"feature_flags","data":{"supports_preview_metadata":true}}']);
  });

  it("asks for previews whoever looks, and passes them on while somebody does", async () => {
    const server = await bench.replay("02-success-n1");
    const provider = bench.for(server);
    const alone = bench.context({ wantsPreviews: false });
    await provider.run(generate(), alone);
    const late = bench.context();
    Object.defineProperty(late, "wantsPreviews", { get: () => late.told.some(({ step }) => step === 3) });
    await provider.run(generate({ extra: { steps: 6 } }), late);
    const shown = ({ told }: typeof alone) => told.filter(({ preview }) => preview !== undefined).length;

    expect(server.posts.map((post) => post["extra_data"])).toEqual(Array(2).fill({ preview_method: "auto" }));
    expect([shown(alone), shown(late)]).toEqual([0, 4]);
    expect(server.clients).toHaveLength(1);
  });

  it("sets a task's values at the nodes of the graph", async () => {
    const server = await bench.replay("02-success-n1");
    const task = generate({
      prompt: 'a "quoted" \\ cube, embedding:secret',
      negativePrompt: "fog",
      size: { width: 64, height: 96 },
      n: 3,
      seed: 7,
      extra: { steps: 9, cfg: 1.5 },
    });
    await bench.for(server).run(task, bench.context());

    expect(server.posts[0]?.["prompt"]).toMatchObject({
      3: { inputs: { seed: 7, steps: 9, cfg: 1.5 } },
      5: { inputs: { width: 64, height: 96, batch_size: 3 } },
      6: { inputs: { text: 'a "quoted" \\ cube, embedding :secret' } },
      7: { inputs: { text: "fog" } },
    });
  });

  it("draws another seed for each run when none is given", async () => {
    const server = await bench.replay("02-success-n1");
    const provider = bench.for(server);
    await provider.run(generate(), bench.context());
    await provider.run(generate(), bench.context());
    const seeds = server.posts.map((post) => JSON.stringify(post["prompt"]).match(/"seed":(\d+)/)?.[1]);

    expect(new Set(seeds).size).toBe(2);
  });

  it("gives all pictures of a batch, and says when they are fewer than asked for", async () => {
    const server = await bench.replay("03-success-batch4");
    const provider = bench.for(
      server,
      {},
      {
        workflows: { m: { workflow: server.graph, card: { limits: { n: 8 } } } },
      },
    );
    const four = await provider.run(generate({ n: 4 }), bench.context());
    const five = await provider.run(generate({ n: 5 }), bench.context());

    expect(await pictures(four)).toHaveLength(4);
    expect(four.meta().warnings).toEqual([]);
    expect(five.meta().warnings).toEqual([{ param: "n", message: "The workflow made 4 of 5 pictures." }]);
  });

  it("reads previews that name their run, and pictures in the folder for temporary files", async () => {
    const server = await bench.replay("04-preview-metadata-previewimage");
    const ctx = bench.context();
    const result = await bench.for(server).run(generate(), ctx);

    expect(ctx.told.filter(({ preview }) => preview !== undefined).length).toBeGreaterThan(0);
    expect(await pictures(result)).toHaveLength(1);
    expect(server.requests.some(({ line }) => /GET \/api\/view\?.*type=temp/.test(line))).toBe(true);
  });

  it("takes pictures that come over the socket, and tells them from previews", async () => {
    const server = await bench.replay("05-save-image-websocket-metadata-client");
    const ctx = bench.context();
    const result = await bench.for(server).run(generate(), ctx);
    const [picture] = await pictures(result);

    expect(readImageHead(picture ?? Buffer.alloc(0))?.contentType).toBe("image/png");
    expect(server.requests.some(({ line }) => line.includes("/view"))).toBe(false);
    expect(ctx.told.some(({ preview }) => preview?.type === "image/png")).toBe(false);
  });

  it("finishes a run that was answered from the cache without any progress", async () => {
    const server = await bench.replay("06-cached-rerun", { runs: [1] });
    const ctx = bench.context();
    const result = await bench.for(server).run(generate({ seed: 1 }), ctx);

    expect(await pictures(result)).toHaveLength(1);
    expect(ctx.told.at(-1)).toMatchObject({ phase: "saving", fraction: 0.99 });
  });

  it("names the files of a run with a given seed anew, so that the cache cannot answer with one that is gone", async () => {
    const server = await bench.replay("06-cached-rerun");
    const ctx = bench.context();
    await bench.for(server).run(generate({ seed: 1 }), ctx);

    expect(JSON.stringify(server.posts[0])).toContain(
      `"filename_prefix":"gateway-${ctx.callKey.slice(0, 8)}"`,
    );
  });

  it("counts the steps of two samplers on, and takes a tiled decoder for no sampler", async () => {
    const [run] = recordedRuns(readRecording("17-two-samplers"));
    const server = await bench.replay("17-two-samplers");
    const workflows = { m: { workflow: run?.graph ?? {}, bindings: { output: "9" } } };
    const ctx = bench.context();
    await bench.for(server, {}, { workflows }).run(generate(), ctx);

    const steps = ctx.told.map(({ step }) => step).filter((step) => step !== undefined);
    const fractions = ctx.told.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    expect([...new Set(steps)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(ctx.told.some(({ phase }) => phase === "decoding")).toBe(true);
  });

  it("works with a server that has no routes for jobs", async () => {
    const server = await bench.replay("20-old-version-0.3.64", { isOld: true });
    const ctx = bench.context();
    const result = await bench.for(server).run(generate({ extra: { steps: 3 } }), ctx);

    expect(await pictures(result)).toHaveLength(1);
    expect(ctx.told.map(({ step }) => step)).toContain(3);
  });

  it("hears nothing of a run that is told to everybody, nor takes its previews for its own", async () => {
    const [stranger] = recordedRuns(readRecording("12-no-client-id"));
    const [{ messages = [] } = {}] = recordedRuns(readRecording("02-success-n1"));
    const preview = messages.find((message) => typeof message !== "string");
    const told = (stranger?.messages ?? []).flatMap((message) =>
      String(message).includes('"progress"') && preview !== undefined ? [message, preview] : [message],
    );
    const server = await bench.replay("02-success-n1", {
      before: (_message, index) => {
        if (index === 3)
          for (const message of told) for (const socket of server.sockets()) socket.send(message);
        return true;
      },
    });
    const ctx = bench.context();
    await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);

    expect(told.filter((message) => message === preview).length).toBeGreaterThan(0);
    expect(ctx.told.filter(({ preview }) => preview !== undefined)).toHaveLength(6);
    expect([...new Set(ctx.told.map(({ step }) => step).filter((step) => step !== undefined))]).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
  });
});

it("keeps two runs apart on one socket", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);
  const contexts = [bench.context(), bench.context()];
  await Promise.all(contexts.map((ctx) => provider.run(generate({ extra: { steps: 6 } }), ctx)));

  expect(server.clients).toHaveLength(1);
  for (const { told } of contexts) {
    expect([...new Set(told.map(({ step }) => step).filter((step) => step !== undefined))]).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
  }
});

it("brings a caller's picture and mask to the server under names of its own, as temporary files", async () => {
  const graph = {
    1: { class_type: "LoadImage", inputs: { image: "example.png" } },
    2: { class_type: "LoadImageMask", inputs: { image: "example.png", channel: "alpha" } },
    3: {
      class_type: "InpaintByText",
      inputs: { text: "x", image: ["1", 0], mask: ["2", 0], seed: 1 },
      _meta: { title: "prompt" },
    },
    9: { class_type: "SaveImage", inputs: { images: ["3", 0], filename_prefix: "x" } },
  };
  const server = await bench.replay("02-success-n1");
  const provider = bench.provider({ url: server.url, workflows: { m: { workflow: graph } } });
  const input = (text: string) => ({
    name: "../../evil.png",
    type: "image/png",
    async *open() {
      yield Buffer.from(text);
    },
  });
  const ctx = bench.context();
  await provider.run({ ...generate(), op: "edit", images: [input("bytes-1")], mask: input("bytes-2") }, ctx);

  const uploads = server.requests.filter(({ line }) => line === "POST /api/upload/image");
  expect(uploads.map(({ body }) => /bytes-\d/.exec(body)?.[0])).toEqual(["bytes-1", "bytes-2"]);
  expect(uploads.some(({ body }) => body.includes("evil"))).toBe(false);
  expect(server.posts[0]?.["prompt"]).toMatchObject({
    1: { inputs: { image: expect.stringMatching(/^gateway-[0-9a-f-]{36}\.png \[temp\]$/) } },
    2: { inputs: { image: expect.stringMatching(/^gateway-[0-9a-f-]{36}\.png \[temp\]$/) } },
  });
});

it("lets go of its socket when it is closed", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);
  await provider.run(generate(), bench.context());
  const [socket] = server.sockets();
  const gone = new Promise((resolve) => socket?.once("close", resolve));
  await provider.close();
  await gone;

  expect(server.sockets()).toEqual([]);
});

it("is made by comfyui() with its own socket library and timing", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = comfyui({ url: server.url, workflows: { m: { workflow: server.graph } } });
  const [picture] = await pictures(await provider.run(generate(), bench.context()));
  await provider.close();

  expect(picture?.length).toBeGreaterThan(100);
});
