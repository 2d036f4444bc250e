import { inspect } from "node:util";

import { type Automatic1111Options, automatic1111 } from "../../../lib/providers/automatic1111";

const url = "http://127.0.0.1:7860";
const PASSWORD = "canary-password";

describe("automatic1111()", () => {
  it.each<[string, Automatic1111Options]>([
    ["an address alone", { url }],
    ["a slash at its end", { url: `${url}/` }],
    ["a path in it", { url: "https://gpu.example/webui" }],
    ["credentials", { url, username: "gateway", password: PASSWORD }],
    ["credentials that are not set", { url, username: undefined, password: undefined }],
    ["a header with credentials", { url, headers: { Authorization: `Basic ${PASSWORD}` } }],
    [
      "models as names and as cards",
      { url, models: ["a", { id: "b", upstream: "a", defaults: { steps: 4 } }] },
    ],
    [
      "everything that can be preset",
      {
        url,
        defaults: {
          steps: 150,
          cfg_scale: 0.5,
          denoising_strength: 1,
          sampler_name: "Euler a",
          scheduler: "Karras",
          negative_prompt: "",
          width: 64,
          height: 2048,
        },
        overrideSettings: {
          CLIP_stop_at_last_layers: 2,
          sd_vae: "Automatic",
          forge_additional_modules: ["a"],
        },
      },
    ],
  ])("takes %s", (_name, options) => {
    expect(automatic1111(options).id).toBe("automatic1111");
  });

  it.each<[RegExp, Partial<Automatic1111Options>]>([
    [/url is no http or https URL: write it like "http:\/\/127\.0\.0\.1:7860"/, { url: "localhost:7860" }],
    [/url holds user info/, { url: `http://gateway:${PASSWORD}@localhost:7860` }],
    [/url ends in \/sdapi: give the root of the server/, { url: `${url}/sdapi/v1/` }],
    [/password is missing: the server asks for both/, { username: "gateway" }],
    [/username is missing/, { password: PASSWORD }],
    [/username holds a colon/, { username: "a:b", password: PASSWORD }],
    [/password holds spaces/, { username: "gateway", password: `${PASSWORD}\n` }],
    [
      /username and headers\.authorization are both given; drop one/,
      { username: "gateway", password: PASSWORD, headers: { Authorization: PASSWORD } },
    ],
    [/headers\.Origin cannot be set/, { headers: { Origin: url } }],
    [/id use lower-case letters/, { id: "My GPU" }],
    [/maxImageBytes is 0/, { maxImageBytes: 0 }],
    [/models must be a list of models/, { models: [] }],
    [/models holds a model without an id/, { models: [""] }],
    [/models names a twice/, { models: ["a", { id: "a" }] }],
    [/defaults\.steps must be a whole number from 1 to 150/, { defaults: { steps: 0 } }],
    [/defaults\.steps must be a whole number/, { defaults: { steps: 2.5 } }],
    [/defaults\.cfg_scale must be a number from 0 to 30/, { defaults: { cfg_scale: Number.NaN } }],
    [/defaults\.sampler_name must be one of the server's/, { defaults: { sampler_name: "" } }],
    [/defaults\.width must be a multiple of 8/, { defaults: { width: 500, height: 504 } }],
    [
      /defaults\.width is 4096: give a whole number between 64 and 2048/,
      { defaults: { width: 4096, height: 64 } },
    ],
    [/defaults needs width and height together/, { defaults: { width: 512 } }],
    [
      /models\.b\.defaults\.denoising_strength must be a number from 0 to 1/,
      { models: ["a", { id: "b", defaults: { denoising_strength: 2 } }] },
    ],
    [
      /overrideSettings\.sd_model_checkpoint is the model's to choose: name it in models/,
      { overrideSettings: { sd_model_checkpoint: "a" } },
    ],
  ])("refuses with %p", (message, options) => {
    expect(() => automatic1111({ url, ...options })).toThrow(message);
    expect(() => automatic1111({ url, ...options })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(PASSWORD) }),
    );
  });

  it.each([
    [{}, /url is no http or https URL/],
    [{ url, URL: url }, /option 'URL' is unknown; did you mean 'url'\?/],
    [{ url, model: "a" }, /option 'model' is unknown; did you mean 'models'\?/],
    [{ url, models: "a" }, /models must be a list/],
    [{ url, models: [5] }, /models holds a model without an id/],
    [{ url, defaults: { clip_skip: 2 } }, /defaults\.clip_skip is no field: use steps, cfg_scale, /],
    [{ url, defaults: { negative_prompt: 5 } }, /defaults\.negative_prompt must be a text/],
    [{ url, overrideSettings: { sd_vae: null } }, /overrideSettings\.sd_vae must be a text, a number/],
  ])("refuses %j, as a host without types would write it", (options: object, message) => {
    expect(() => Reflect.apply(automatic1111, undefined, [options])).toThrow(message);
  });

  it("keeps the password out of what a logger would print of the provider", () => {
    const provider = automatic1111({ url, username: "gateway", password: PASSWORD });
    const login = Buffer.from(`gateway:${PASSWORD}`).toString("base64");
    for (const shown of [inspect(provider, { depth: 9, showHidden: true }), JSON.stringify(provider)]) {
      expect(shown).not.toContain(PASSWORD);
      expect(shown).not.toContain(login);
    }
  });
});
