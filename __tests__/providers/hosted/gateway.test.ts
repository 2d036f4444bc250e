import { fal } from "../../../lib/providers/fal";
import { replicate } from "../../../lib/providers/replicate";
import { until } from "../../../lib/testing/patience";
import { startHost, type TestHost } from "../../support/host";
import { COMPLETED, complaint, KEY, startFal } from "../fal/upstream";
import { startReplicate, TOKEN } from "../replicate/upstream";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Both services behind one gateway, each with a model that takes further fields, sizes and several pictures. */
async function start() {
  const upstreams = { replicate: await startReplicate(), fal: await startFal() };
  const imageHosts = Object.values(upstreams).map(({ link }) => new URL(link()).host);
  const host = await startHost({
    options: { imageHosts },
    providers: [
      replicate({
        apiToken: TOKEN,
        models: [{ id: "schnell", upstream: "black-forest-labs/flux-schnell" }],
        baseUrl: upstreams.replicate.url,
        pollMs: 1,
      }),
      fal({
        apiKey: KEY,
        models: [{ id: "dev", upstream: "fal-ai/flux/dev" }],
        baseUrl: upstreams.fal.url,
        pollMs: 1,
      }),
    ],
  });
  open.push(upstreams.replicate, upstreams.fal, host);
  return { host, ...upstreams };
}

async function post({ url }: TestHost, body: object) {
  const response = await fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: Object(await response.json()) };
}

const inputsOf = (upstream: {
  server: { requests: readonly { method: string; path: string; json(): unknown }[] };
}) =>
  upstream.server.requests
    .filter(({ method, path }) => method === "POST" && !path.endsWith("/cancel"))
    .map((request) => request.json());

describe("a hosting service behind the gateway", () => {
  it("draws more pictures than one call can make, with seeds that differ, and they are fetched through the guard", async () => {
    const { host, replicate: upstream } = await start();
    const asked = { model: "schnell", prompt: "a lake", n: 5, size: "1536x1024", seed: 9, steps: 2 };
    const { status, json } = await post(host, { ...asked, response_format: "b64_json" });
    expect(status).toBe(200);
    expect(json.data).toHaveLength(5);
    for (const { b64_json } of json.data) expect(b64_json).toMatch(/^iVBORw0KGgo/);
    const input = { prompt: "a lake", aspect_ratio: "3:2", num_inference_steps: 2 };
    expect(inputsOf(upstream)).toEqual(
      expect.arrayContaining([
        { input: { ...input, num_outputs: 4, seed: 9 } },
        { input: { ...input, num_outputs: 1, seed: 13 } },
      ]),
    );
  });

  it("is asked for what its card allows, and for nothing else", async () => {
    const { host, fal: upstream } = await start();
    const { status, json } = await post(host, {
      model: "dev",
      prompt: "a lake",
      size: "1024x768",
      output_format: "png",
      quality: "hd",
      negative_prompt: "people",
      sync_mode: true,
      user: "ann",
    });
    expect(status).toBe(200);
    expect(inputsOf(upstream)).toEqual([
      { prompt: "a lake", num_images: 1, image_size: { width: 1024, height: 768 }, output_format: "png" },
    ]);
    const warned = json.warnings.map(({ param }: { param?: string }) => param);
    expect(warned.sort()).toEqual(["negative_prompt", "quality", "sync_mode"]);
    const refused = await post(host, { model: "dev", prompt: "a lake", size: "1000x1000" });
    expect(refused).toMatchObject({ status: 400, json: { error: { param: "size" } } });
    expect(upstream.calls()).toBe(1);
  });

  it("says what is wrong with a request in the request's own words", async () => {
    const { host, fal: upstream } = await start();
    upstream.play({ ...COMPLETED, error: "It failed." });
    upstream.result(complaint(422, "less_than_equal", "num_inference_steps"));
    const { status, json } = await post(host, { model: "dev", prompt: "a lake", steps: 999 });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ param: "steps", message: expect.not.stringContaining(KEY) });
    expect(upstream.calls()).toBe(1);
  });

  it("is not asked again for what was begun", async () => {
    const { host, replicate: upstream } = await start();
    upstream.play({ status: "failed", error: "Prediction interrupted; please retry (code: PA)" });
    const { status } = await post(host, { model: "schnell", prompt: "a lake" });
    expect(status).toBe(502);
    expect(upstream.calls()).toBe(1);
  });

  it.each(["schnell", "dev"] as const)("stops the work of %s when its caller has left", async (model) => {
    const { host, ...services } = await start();
    const upstream = model === "schnell" ? services.replicate : services.fal;
    upstream.hang();
    const caller = new AbortController();
    const ann = { id: "ann", capabilities: ["images"] };
    const request = { model, prompt: "a lake", response_format: "b64_json" } as const;
    const left = host.images.generate(ann, request, { signal: caller.signal });
    left.catch(() => {});
    await until(5_000, "a look at the work", () => upstream.server.requests.length > 2);
    caller.abort();
    const isTold = () => upstream.server.requests.some(({ path }) => path.endsWith("/cancel"));
    await until(5_000, "a word to the upstream", isTold);
    expect(upstream.calls()).toBe(1);
  });
});
