import { type AiSdkModel, aiSdk, gatewayFetch, type ImageModel } from "../../../lib/providers/ai-sdk";
import { KEY, startOpenAIUpstream } from "../../conformance/openai-upstream";
import { generate, jsonOf, startHost, type TestHost } from "../../support/host";
import { directModel } from "./http-model";
import { PIXEL, type ScriptedModel, scriptedModel, thrown } from "./models";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function hostOf(m: ImageModel | AiSdkModel, disconnectGraceMs = 10_000): Promise<TestHost> {
  const host = await startHost({ providers: [aiSdk({ models: { m } })], options: { disconnectGraceMs } });
  open.push(host);
  return host;
}

const asked = { model: "m", prompt: "a red cube on a table" };
const seedsOf = ({ calls }: ScriptedModel) => calls.map(({ seed }) => seed);

describe("the gateway with a model of the AI SDK", () => {
  it("makes as many calls as the model's limit asks for, with seeds that differ", async () => {
    const model = scriptedModel(undefined, { maxImagesPerCall: 1 });
    const answer = await generate(await hostOf(model), { ...asked, n: 3, response_format: "b64_json" });
    const { data } = await jsonOf(answer);
    expect(data).toEqual([{ b64_json: PIXEL }, { b64_json: PIXEL }, { b64_json: PIXEL }]);
    expect(model.calls.map(({ n }) => n)).toEqual([1, 1, 1]);
    expect(new Set(seedsOf(model)).size).toBe(3);
    for (const seed of seedsOf(model)) expect(seed).toBeLessThan(2 ** 31);
  });

  it("has no seeds for a vendor that reads none", async () => {
    const model = scriptedModel(undefined, { maxImagesPerCall: 1, provider: "xai.image" });
    const answer = await generate(await hostOf(model), { ...asked, n: 2 });
    expect((await jsonOf(answer)).data).toHaveLength(2);
    expect(seedsOf(model)).toEqual([undefined, undefined]);
    expect(answer.headers.get("x-image-warnings")).toBeNull();
  });

  it("makes a ratio of a size, and refuses one that is none of the vendor's", async () => {
    const model = scriptedModel(undefined, { provider: "google.generative-ai" });
    const host = await hostOf(model);
    await generate(host, { ...asked, size: "1536x1024" });
    expect(model.calls).toMatchObject([{ size: undefined, aspectRatio: "3:2" }]);

    const refused = await generate(host, { ...asked, size: "1500x1024" });
    expect(refused.status).toBe(400);
    expect((await jsonOf(refused)).error).toMatchObject({ code: "invalid_size", param: "size" });
    expect(model.calls).toHaveLength(1);
  });

  it("forwards the fields that the card lists, and warns of others", async () => {
    const model = scriptedModel();
    const card = { extra: ["steps"], params: { negativePrompt: false } };
    const host = await hostOf({ model, card, fields: { negative_prompt: "negative" } });
    const fields = { steps: 20, webhook_url: "https://elsewhere.example", negative_prompt: "blurry" };
    const { warnings } = await jsonOf(await generate(host, { ...asked, ...fields }));
    expect(model.calls[0]?.providerOptions).toEqual({ studio: { steps: 20 } });
    expect(warnings.map(({ param }: { param: string }) => param)).toEqual(["webhook_url", "negative_prompt"]);
  });

  it("tells a refusal as what it is, without the vendor's key", async () => {
    const upstream = await startOpenAIUpstream("m", []);
    open.push({ close: () => upstream.close?.() });
    const host = await hostOf(directModel("v4", { url: upstream.url, key: KEY, fetch: gatewayFetch }));
    upstream.failures.content_policy?.();
    const answer = await generate(host, asked);
    const text = await answer.text();
    expect([answer.status, JSON.parse(text).error.code]).toEqual([400, "content_policy_violation"]);
    expect(text).not.toContain(KEY);
    expect(JSON.stringify(host.log)).not.toContain(KEY);
  });

  it("does not ask again for what may have been begun", async () => {
    const model = scriptedModel(() => Promise.reject(thrown("Error", "The vendor's library fell over.")));
    const answer = await generate(await hostOf(model), asked);
    expect(answer.status).toBe(502);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(model.calls).toHaveLength(1);
  });

  it("lets the work of a caller who has left finish into the store: the vendor bills it all the same", async () => {
    let finish: () => void = () => {};
    let begun: () => void = () => {};
    const called = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const model = scriptedModel(
      () =>
        new Promise((resolve) => {
          finish = () => resolve({ images: [PIXEL] });
          begun();
        }),
    );
    const host = await hostOf(model, 0);
    const stop = new AbortController();
    const leaving = fetch(`${host.url}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
      body: JSON.stringify(asked),
      signal: stop.signal,
    });
    await called;
    stop.abort();
    await expect(leaving).rejects.toThrow();
    while (!host.log.some(({ message }) => message === "the caller left before the answer")) {
      await new Promise(setImmediate);
    }
    expect(model.calls[0]?.abortSignal?.aborted).toBe(false);
    finish();
    const headers = { authorization: "Bearer sk-ann" };
    for (;;) {
      const { data } = await jsonOf(await fetch(`${host.url}/v1/images/jobs`, { headers }));
      if (data[0].status === "in_progress") continue;
      expect(data).toMatchObject([{ status: "completed", images: [{ index: 0 }] }]);
      break;
    }
  });
});
