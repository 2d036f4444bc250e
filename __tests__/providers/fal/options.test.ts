import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

import { type FalOptions, fal } from "../../../lib/providers/fal";
import { FAL } from "../../../lib/providers/fal/families";

const KEY = "canary-id:0123456789abcdef";
const MODEL = "fal-ai/flux/schnell";

describe("fal()", () => {
  it.each<[string, FalOptions]>([
    ["a key and a model", { apiKey: KEY, models: [MODEL] }],
    ["a header with the key", { headers: { Authorization: `Key ${KEY}` }, models: [MODEL] }],
    ["a header that steers the queue", { apiKey: KEY, headers: { "x-fal-no-retry": "1" }, models: [MODEL] }],
    ["a model of two parts", { apiKey: KEY, models: ["fal-ai/fast-sdxl"] }],
    ["a name of its own", { apiKey: KEY, models: [{ id: "fast", upstream: MODEL }] }],
  ])("takes %s", (_name, options) => {
    expect(fal(options).id).toBe("fal");
  });

  it.each<[RegExp, FalOptions]>([
    [/apiKey is missing: the service answers nobody without a key/, { models: [MODEL] }],
    [/apiKey holds spaces/, { apiKey: ` ${KEY}`, models: [MODEL] }],
    [
      /apiKey and headers\.authorization are both given; drop one/,
      { apiKey: KEY, headers: { Authorization: KEY }, models: [MODEL] },
    ],
    [
      /models is missing: name the models to offer, such as "fal-ai\/flux\/schnell"/,
      { apiKey: KEY, models: [] },
    ],
    [/models\["flux"\] is no name of a model/, { apiKey: KEY, models: ["flux"] }],
    [/models\["fal-ai\/\.\."\] is no name/, { apiKey: KEY, models: ["fal-ai/.."] }],
    [/models\["fal-ai\/\.\.\/a"\] is no name/, { apiKey: KEY, models: ["fal-ai/../a"] }],
    [/models\["fal-ai\/a\?b=1"\] is no name/, { apiKey: KEY, models: ["fal-ai/a?b=1"] }],
    [/models\["\/fal-ai\/a"\] is no name/, { apiKey: KEY, models: ["/fal-ai/a"] }],
    [
      /defaults\.sync_mode would put the pictures into the answers: leave it out/,
      { apiKey: KEY, models: [{ id: MODEL, defaults: { sync_mode: true } }] },
    ],
    [/baseUrl holds a query or fragment/, { apiKey: KEY, models: [MODEL], baseUrl: `https://q/?k=${KEY}` }],
    [/pollMs is 0/, { apiKey: KEY, models: [MODEL], pollMs: 0 }],
  ])("refuses what is wrong, naming it: %s", (message, options) => {
    let thrown: unknown;
    try {
      fal(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).toMatchObject({ message: expect.stringMatching(message) });
    expect(inspect(thrown)).not.toContain("canary");
  });

  it("refuses an unknown option by name", () => {
    const options = { apiKey: KEY, models: [MODEL], api_key: KEY };
    expect(() => fal(options)).toThrow(/fal\(\): option 'api_key' is unknown; did you mean 'apiKey'\?/);
  });

  it.each([
    [MODEL, { n: 4, formats: ["jpeg", "png"] }, ["steps", "guidance_scale"], false],
    ["fal-ai/flux-lora", { n: 4 }, ["steps", "guidance_scale"], false],
    ["fal-ai/flux-pro/v1.1", { n: 4, formats: ["jpeg", "png"] }, [], false],
    ["fal-ai/flux-pro/v1.1-ultra", { n: 4 }, [], false],
    ["fal-ai/flux-2/klein/9b", { n: 4, formats: ["jpeg", "png", "webp"] }, [], false],
    ["fal-ai/flux-2-max", { n: 1 }, [], false],
    ["fal-ai/fast-sdxl", { n: 4, formats: ["jpeg", "png"] }, ["steps", "guidance_scale"], true],
    ["fal-ai/stable-diffusion-v35-large", { n: 4 }, ["steps", "guidance_scale"], true],
    ["fal-ai/qwen-image", { n: 4 }, ["steps", "guidance_scale"], true],
    ["fal-ai/bytedance/seedream/v4/text-to-image", { n: 4, formats: [] }, [], false],
    ["fal-ai/nano-banana", { n: 4 }, [], false],
    ["fal-ai/flux/dev/image-to-image", { n: 1, formats: [] }, [], false],
    ["acme/flux/dev", { n: 1, formats: [] }, [], false],
  ])("knows what %s takes", async (model, limits, extra, negativePrompt) => {
    const { models } = fal({ apiKey: KEY, models: [model] });
    const http = { request: () => Promise.reject(new Error("nobody is asked")) };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const [card] = await models({ http, log, signal: new AbortController().signal });
    expect(card).toMatchObject({
      id: model,
      limits,
      extra,
      params: { negativePrompt },
      cancel: { queued: "yes", running: "best_effort" },
    });
  });

  it("has a row for every family in its documentation", () => {
    const page = readFileSync(join(__dirname, "../../../docs/fal.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| `/gm)].map(([, name]) => name);
    expect(rows).toEqual(FAL.families.map(({ name }) => name));
  });
});
