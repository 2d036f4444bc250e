import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

import { type ReplicateOptions, replicate } from "../../../lib/providers/replicate";
import { REPLICATE } from "../../../lib/providers/replicate/families";

const TOKEN = "r8_canary0123456789";
const MODEL = "black-forest-labs/flux-schnell";
const VERSION = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

describe("replicate()", () => {
  it.each<[string, ReplicateOptions]>([
    ["a token and a model", { apiToken: TOKEN, models: [MODEL] }],
    ["a header with the token", { headers: { Authorization: `Bearer ${TOKEN}` }, models: [MODEL] }],
    ["a version", { apiToken: TOKEN, models: [`acme/any.thing_1:${VERSION}`] }],
    ["a deployment", { apiToken: TOKEN, models: ["deployments/acme/my-app"] }],
    ["a name of its own", { apiToken: TOKEN, models: [{ id: "house-style", upstream: MODEL }] }],
  ])("takes %s", async (_name, options) => {
    expect(replicate(options).id).toBe("replicate");
  });

  it.each<[RegExp, ReplicateOptions]>([
    [/apiToken is missing: the service answers nobody without a key/, { models: [MODEL] }],
    [/apiToken holds spaces/, { apiToken: `${TOKEN}\n`, models: [MODEL] }],
    [
      /apiToken and headers\.authorization are both given; drop one/,
      { apiToken: TOKEN, headers: { Authorization: TOKEN }, models: [MODEL] },
    ],
    [/models is missing: name the models to offer/, { apiToken: TOKEN, models: [] }],
    [/models\["flux"\] is no name of a model/, { apiToken: TOKEN, models: ["flux"] }],
    [/models\["\.\.\/account"\] is no name/, { apiToken: TOKEN, models: ["../account"] }],
    [/models\["acme\/\.\."\] is no name/, { apiToken: TOKEN, models: ["acme/.."] }],
    [/models\["acme\/\.\.:1"\] is no name/, { apiToken: TOKEN, models: ["acme/..:1"] }],
    [/models\["acme\/a\/b"\] is no name/, { apiToken: TOKEN, models: ["acme/a/b"] }],
    [/models\["acme\/a\?b"\] is no name/, { apiToken: TOKEN, models: ["acme/a?b"] }],
    [/models\["acme\/a:b\/c"\] is no name/, { apiToken: TOKEN, models: ["acme/a:b/c"] }],
    [/baseUrl is no http or https URL/, { apiToken: TOKEN, models: [MODEL], baseUrl: "replicate" }],
    [/id use lower-case letters/, { apiToken: TOKEN, models: [MODEL], id: "My own" }],
    [/maxImageBytes is 0/, { apiToken: TOKEN, models: [MODEL], maxImageBytes: 0 }],
    [/pollMs is 0\.5/, { apiToken: TOKEN, models: [MODEL], pollMs: 0.5 }],
  ])("refuses what is wrong, naming it: %s", (message, options) => {
    let thrown: unknown;
    try {
      replicate(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).toMatchObject({ message: expect.stringMatching(message) });
    expect(inspect(thrown)).not.toContain("canary");
  });

  it("refuses an unknown option by name", () => {
    const options = { apiToken: TOKEN, models: [MODEL], pollms: 5 };
    expect(() => replicate(options)).toThrow(
      /replicate\(\): option 'pollms' is unknown; did you mean 'pollMs'\?/,
    );
  });

  it.each([
    [MODEL, { n: 4, formats: ["png", "jpeg", "webp"] }, ["steps"]],
    ["black-forest-labs/flux-dev", { n: 4 }, ["steps", "guidance_scale"]],
    ["black-forest-labs/flux-krea-dev", { n: 4 }, ["steps", "guidance_scale"]],
    ["black-forest-labs/flux-1.1-pro", { n: 1 }, []],
    ["black-forest-labs/flux-2-pro", { n: 1 }, []],
    [`stability-ai/sdxl:${VERSION}`, { n: 4, formats: [] }, ["steps", "guidance_scale"]],
    ["stability-ai/stable-diffusion-3.5-large-turbo", { n: 1 }, ["guidance_scale"]],
    ["google/imagen-4-fast", { n: 1, formats: ["png", "jpeg"] }, []],
    ["acme/black-forest-labs", { n: 1, formats: [] }, []],
    ["black-forest-labs/flux-kontext-pro", { n: 1, formats: [] }, []],
  ])("knows what %s takes", async (model, limits, extra) => {
    const { models } = replicate({ apiToken: TOKEN, models: [model] });
    const http = { request: () => Promise.reject(new Error("nobody is asked")) };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const [card] = await models({ http, log, signal: new AbortController().signal });
    expect(card).toMatchObject({ id: model, limits, extra, cancel: { queued: "yes", running: "yes" } });
  });

  it("has a row for every family in its documentation", () => {
    const page = readFileSync(join(__dirname, "../../../docs/replicate.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| `/gm)].map(([, name]) => name);
    expect(rows).toEqual(REPLICATE.families.map(({ name }) => name));
  });
});
