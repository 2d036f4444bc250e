import { once } from "node:events";

import { aiSdk } from "../../../lib/providers/ai-sdk";
import { PIXEL, scriptedModel, thrown } from "./models";
import { generate, picturesOf, providerFailure, runContext } from "./run-context";

describe("run", () => {
  it("tells when it begins and when the pictures have come", async () => {
    const ctx = runContext();
    await aiSdk({ models: { m: scriptedModel() } }).run(generate(), ctx);
    expect(ctx.told).toEqual([{ phase: "sampling" }, { phase: "decoding" }]);
  });

  it("finds models by the names that clients write, and no others", async () => {
    const models = { m: scriptedModel(), other: scriptedModel() };
    const provider = aiSdk({ models });
    await provider.run(generate({ model: "other" }), runContext());
    expect([models.m.calls.length, models.other.calls.length]).toEqual([0, 1]);
    for (const model of ["nobody", "constructor", "__proto__"]) {
      const { fault, info } = await providerFailure(provider.run(generate({ model }), runContext()));
      expect([fault, info.started]).toEqual(["not_found", "no"]);
    }
  });

  it("works where models was never asked, and asks a model nothing that it need not know", async () => {
    let asked = 0;
    const model = {
      ...scriptedModel(undefined, { maxImagesPerCall: () => ++asked }),
      get supportsFileInputs() {
        asked += 1;
        return undefined;
      },
      get supportsMaskInputs() {
        asked += 1;
        return undefined;
      },
    };
    const result = await aiSdk({ models: { m: model } }).run(generate({ n: 2 }), runContext());
    expect(await picturesOf(result)).toHaveLength(2);
    expect(asked).toBe(0);
  });

  it("does not generate where the operator's card offers nothing but edits", async () => {
    const model = scriptedModel();
    const provider = aiSdk({ models: { m: { model, card: { ops: ["edit"] } } } });
    const { fault, info, message } = await providerFailure(provider.run(generate(), runContext()));
    expect([fault, info.started]).toEqual(["invalid_request", "no"]);
    expect(message).toBe("This model does not generate images from a prompt alone.");
    expect(model.calls).toEqual([]);
  });

  it("calls a model that throws at once like one that rejects", async () => {
    const model = {
      ...scriptedModel(),
      doGenerate(): never {
        throw thrown("AI_NoSuchModelError", "No such imageModel");
      },
    };
    const { fault } = await providerFailure(aiSdk({ models: { m: model } }).run(generate(), runContext()));
    expect(fault).toBe("not_found");
  });

  it("calls it as a method, so that classes work", async () => {
    class Studio {
      readonly specificationVersion = "v4";
      readonly provider = "studio";
      readonly modelId = "studio-1";
      readonly #picture = PIXEL;
      get maxImagesPerCall(): number {
        return this.#picture.length;
      }
      async doGenerate() {
        return { images: [this.#picture] };
      }
    }
    const provider = aiSdk({ models: { m: new Studio() } });
    expect(await picturesOf(await provider.run(generate(), runContext()))).toHaveLength(1);
    expect(await provider.models(runContext())).toMatchObject([{ limits: { n: PIXEL.length } }]);
  });

  it("keeps calls at the same time apart", async () => {
    const bytesOf = (text: string) => Buffer.from(text.repeat(3));
    const model = scriptedModel(async ({ prompt, n }) => {
      // Ends in another order than it began.
      for (let turn = 0; turn < n; turn++) await new Promise(setImmediate);
      return {
        images: [bytesOf(prompt ?? "")],
        providerMetadata: { s: { images: [{ revisedPrompt: prompt }] } },
      };
    });
    const provider = aiSdk({ models: { m: model } });
    const prompts = ["aaaaaaaa", "bbbbbbbb", "cccccccc"];
    const results = await Promise.all(
      prompts.map((prompt, at) => provider.run(generate({ prompt, n: 3 - at }), runContext())),
    );
    const revised = results.flatMap(({ images }) =>
      Array.isArray(images) ? images.map(({ revisedPrompt }) => revisedPrompt) : [],
    );
    expect(revised).toEqual(prompts);
  });
});

describe("an abort", () => {
  it("before the call calls nobody", async () => {
    const model = scriptedModel();
    const ctx = runContext({ signal: AbortSignal.abort() });
    const { fault, info } = await providerFailure(aiSdk({ models: { m: model } }).run(generate(), ctx));
    expect([fault, info.started]).toEqual(["cancelled", "no"]);
    expect(model.calls).toEqual([]);
    expect(ctx.told).toEqual([]);
  });

  it("at the first report calls nobody", async () => {
    const model = scriptedModel();
    const stop = new AbortController();
    const ctx = runContext({ signal: stop.signal, progress: () => stop.abort() });
    const { fault, info } = await providerFailure(aiSdk({ models: { m: model } }).run(generate(), ctx));
    expect([fault, info.started]).toEqual(["cancelled", "no"]);
    expect(model.calls).toEqual([]);
  });

  it("reaches the model", async () => {
    const stop = new AbortController();
    const model = scriptedModel(async ({ abortSignal }) => {
      if (abortSignal === undefined) throw new Error("there is no signal");
      setImmediate(() => stop.abort());
      await once(abortSignal, "abort");
      throw thrown("AbortError", "This operation was aborted");
    });
    const run = aiSdk({ models: { m: model } }).run(generate(), runContext({ signal: stop.signal }));
    const { fault, info } = await providerFailure(run);
    expect([fault, info.started]).toEqual(["cancelled", "maybe"]);
  });

  it.each<[string, (end: { resolve(value: unknown): void; reject(error: unknown): void }) => void]>([
    ["pictures", ({ resolve }) => resolve({ images: [PIXEL] })],
    ["a failure", ({ reject }) => reject(new Error("too late"))],
  ])("leaves a model behind that does not listen; its late %s are nobody's", async (_name, endLate) => {
    const stop = new AbortController();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      let end: Parameters<typeof endLate>[0] | undefined;
      const model = scriptedModel(() => {
        setImmediate(() => stop.abort());
        return new Promise((resolve, reject) => {
          end = { resolve, reject };
        });
      });
      const ctx = runContext({ signal: stop.signal });
      const { fault, info } = await providerFailure(aiSdk({ models: { m: model } }).run(generate(), ctx));
      expect([fault, info.started]).toEqual(["cancelled", "maybe"]);
      if (end === undefined) throw new Error("the model was not called");
      endLate(end);
      // Node tells of unhandled rejections when the microtasks are done.
      await new Promise(setImmediate);
      expect(ctx.told).toEqual([{ phase: "sampling" }]);
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("while input pictures are read has begun nothing, and lets go of them", async () => {
    const stop = new AbortController();
    let isReleased = false;
    const endless: AsyncIterableIterator<Uint8Array> = {
      next: () => {
        setImmediate(() => stop.abort());
        return new Promise(() => {});
      },
      async return() {
        isReleased = true;
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => endless,
    };
    const images = [{ name: "slow", type: "image/png", open: () => endless }];
    const model = scriptedModel(undefined, { supportsFileInputs: true });
    const { fault, info } = await providerFailure(
      aiSdk({ models: { m: model } }).run(
        { ...generate(), op: "edit", images },
        runContext({ signal: stop.signal }),
      ),
    );
    expect([fault, info.started]).toEqual(["cancelled", "no"]);
    expect(model.calls).toEqual([]);
    await new Promise(setImmediate);
    expect(isReleased).toBe(true);
  });
});

describe("the deadline", () => {
  it("ends a call whose model does not, and aborts the model's signal", async () => {
    const model = scriptedModel(() => new Promise<never>(() => {}));
    const ctx = runContext({ deadline: Date.now() + 20 });
    const { fault, info } = await providerFailure(aiSdk({ models: { m: model } }).run(generate(), ctx));
    expect([fault, info.started]).toEqual(["timeout", "maybe"]);
    expect(model.calls[0]?.abortSignal?.aborted).toBe(true);
  });

  it("that lies further away than a timer reaches does not end it", async () => {
    const model = scriptedModel(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { images: [PIXEL] };
    });
    const ctx = runContext({ deadline: Number.MAX_SAFE_INTEGER });
    const result = await aiSdk({ models: { m: model } }).run(generate(), ctx);
    expect(await picturesOf(result)).toHaveLength(1);
  });
});
