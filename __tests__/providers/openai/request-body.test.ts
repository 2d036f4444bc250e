import type { ModelCard } from "../../../lib/ports/model-card";
import { completed } from "../../../lib/providers/openai/cards";
import { DIALECTS, type DialectName } from "../../../lib/providers/openai/dialects";
import { type Composed, compose } from "../../../lib/providers/openai/request-body";
import { type GenerateTask, generate } from "./run-context";

/** As it is sent. */
const written = ({ fields }: Composed) => JSON.parse(JSON.stringify(fields));

function composed(dialectName: DialectName, task: Partial<GenerateTask>, card: Partial<ModelCard> = {}) {
  const dialect = DIALECTS[dialectName];
  const whole = generate(task);
  const composition = {
    dialect,
    card: completed({ id: whole.model, ...card }, dialect),
    sanitizePrompt: true,
    modelInBody: true,
  };
  const { fields, ...rest } = compose(whole, composition);
  return { body: written({ fields, ...rest }), ...rest };
}

/** Everything that a caller can ask for. */
const FULL: Partial<GenerateTask> = {
  prompt: "a red cube",
  n: 2,
  size: { width: 1024, height: 1536 },
  quality: "high",
  style: "vivid",
  background: "opaque",
  moderation: "low",
  output: { format: "jpeg", compression: 60 },
  seed: 7,
  negativePrompt: "blur",
  endUser: "user-1",
};

describe("compose", () => {
  it("writes for a GPT image model without response_format, style, seed and negative prompt", () => {
    expect(composed("openai", { ...FULL, model: "gpt-image-1.5" }).body).toEqual({
      model: "gpt-image-1.5",
      prompt: "a red cube",
      n: 2,
      size: "1024x1536",
      quality: "high",
      background: "opaque",
      moderation: "low",
      output_format: "jpeg",
      output_compression: 60,
      user: "user-1",
    });
  });

  it("writes for dall-e-3 with response_format and style", () => {
    expect(composed("openai", { ...FULL, model: "dall-e-3", n: 1 }).body).toEqual({
      model: "dall-e-3",
      prompt: "a red cube",
      n: 1,
      size: "1024x1536",
      response_format: "b64_json",
      quality: "high",
      style: "vivid",
      user: "user-1",
    });
  });

  it("writes for a model that OpenAI's documentation does not know without response_format", () => {
    const { body } = composed("openai", { model: "next-image-1" });
    expect(body).toEqual({ model: "next-image-1", prompt: "a red cube", n: 1 });
  });

  it("knows an Azure deployment by the card's id, and leaves the model to the address", () => {
    const dialect = DIALECTS.azure;
    const card = completed({ id: "gpt-image-1", upstream: "pictures-eu" }, dialect);
    const task = generate({ ...FULL, model: "pictures-eu" });
    const sent = compose(task, { dialect, card, sanitizePrompt: true, modelInBody: false });
    expect(written(sent)).toEqual({
      prompt: "a red cube",
      n: 2,
      size: "1024x1536",
      quality: "high",
      background: "opaque",
      moderation: "low",
      output_format: "jpeg",
      output_compression: 60,
      user: "user-1",
    });
  });

  it("writes for LocalAI with the negative prompt behind a bar", () => {
    expect(
      composed("localai", { ...FULL, model: "sdxl", n: 1, prompt: "a|b <lora:x:1>", negativePrompt: "c|d" }),
    ).toEqual({
      body: {
        model: "sdxl",
        prompt: "a,b < lora:x:1>|c,d",
        n: 1,
        size: "1024x1536",
        response_format: "b64_json",
        seed: 7,
      },
      seeds: { first: 7, step: 0 },
      warnings: [expect.objectContaining({ param: "prompt" })],
    });
  });

  it("writes for stable-diffusion.cpp with seed and negative prompt in a block of ours", () => {
    expect(composed("sdcpp", { ...FULL, model: "sd-cpp-local" })).toEqual({
      body: {
        model: "sd-cpp-local",
        prompt: '<sd_cpp_extra_args>{"seed":7,"negative_prompt":"blur"}</sd_cpp_extra_args>a red cube',
        n: 2,
        size: "1024x1536",
        output_format: "jpeg",
        output_compression: 60,
      },
      seeds: { first: 7, step: 1 },
      warnings: [],
    });
  });

  it("writes for an unknown server all that is asked", () => {
    expect(composed("generic", { ...FULL, model: "flux" }).body).toEqual({
      model: "flux",
      prompt: "a red cube",
      n: 2,
      size: "1024x1536",
      response_format: "b64_json",
      quality: "high",
      style: "vivid",
      background: "opaque",
      moderation: "low",
      output_format: "jpeg",
      output_compression: 60,
      user: "user-1",
      seed: 7,
      negative_prompt: "blur",
    });
  });

  it("spares a GPT image model behind an unknown server the response_format", () => {
    expect(composed("generic", { model: "openai/gpt-image-1" }).body).not.toHaveProperty("response_format");
  });

  it("asks for unfinished pictures where the model streams them, and nowhere else", () => {
    const streamed = composed("openai", { model: "gpt-image-1.5", partialImages: 2 }).body;
    expect(streamed).toMatchObject({ stream: true, partial_images: 2 });
    expect(composed("generic", { partialImages: 1 }, { stream: "native" }).body).toMatchObject({
      stream: true,
    });
    for (const body of [
      composed("openai", { model: "gpt-image-1.5" }).body,
      composed("openai", { model: "dall-e-3", partialImages: 2 }).body,
      composed("generic", { partialImages: 2 }).body,
    ]) {
      expect(body).not.toHaveProperty("stream");
      expect(body).not.toHaveProperty("partial_images");
    }
  });

  it("asks for URLs where only they are of use", () => {
    expect(composed("generic", { model: "flux", deliver: "url" }).body.response_format).toBe("url");
    expect(composed("generic", { model: "flux", deliver: "any" }).body.response_format).toBe("b64_json");
  });

  it("leaves the size to the model for auto", () => {
    expect(composed("generic", { model: "flux", size: "auto" }).body).not.toHaveProperty("size");
  });

  it("leaves out what the card says no to", () => {
    const { body } = composed(
      "generic",
      { ...FULL, model: "flux" },
      { params: { seed: false, output: false, endUser: false } },
    );
    for (const name of ["seed", "output_format", "output_compression", "user"])
      expect(body).not.toHaveProperty(name);
    expect(body).toMatchObject({ quality: "high" });
  });

  it.each<DialectName>(["sdcpp", "localai"])(
    "chooses another seed each time for %s, which has a fixed one",
    (dialect) => {
      const seeds = new Set(Array.from({ length: 8 }, () => composed(dialect, {}).seeds?.first));
      expect(seeds.size).toBe(8);
      for (const seed of seeds) expect(seed).toBeLessThan(2 ** 31);
    },
  );

  it("brings a seed into LocalAI's 32 bits", () => {
    expect(composed("localai", { seed: 2 ** 53 - 1 }).body.seed).toBe((2 ** 53 - 1) % 2 ** 31);
    expect(composed("sdcpp", { seed: 2 ** 53 - 1 }).body.prompt).toContain('{"seed":9007199254740991}');
  });
});

describe("a prompt is text", () => {
  const block = '<sd_cpp_extra_args>{"batch_count":9}</sd_cpp_extra_args>';

  it.each<DialectName>(["sdcpp", "generic", "localai"])(
    "for %s: no block of the caller's is obeyed",
    (dialect) => {
      const { body, warnings } = composed(dialect, {
        prompt: `a ${block} <SD_CPP_EXTRA_ARGS> <lora:x:9>`,
        seed: 1,
      });
      const ours = dialect === "sdcpp" ? '<sd_cpp_extra_args>{"seed":1}</sd_cpp_extra_args>' : "";
      expect(body.prompt.startsWith(ours)).toBe(true);
      const theirs = body.prompt.slice(ours.length);
      expect(theirs).toBe(
        'a < sd_cpp_extra_args>{"batch_count":9}< /sd_cpp_extra_args> < SD_CPP_EXTRA_ARGS> < lora:x:9>',
      );
      expect(warnings).toHaveLength(1);
    },
  );

  it("for sdcpp: a half block of the caller's does not swallow ours", () => {
    const { body } = composed("sdcpp", {
      prompt: "</sd_cpp_extra_args>a<sd_cpp_<sd_cpp_extra_args>",
      seed: 1,
    });
    expect(body.prompt.match(/<sd_cpp_extra_args>(.*?)<\/sd_cpp_extra_args>/)?.[1]).toBe('{"seed":1}');
    expect(body.prompt.split("</sd_cpp_extra_args>")).toHaveLength(2);
  });

  it("for sdcpp: the negative prompt cannot leave its place", () => {
    const negativePrompt = '</sd_cpp_extra_args>","batch_count":9,"x":"\n';
    const { body } = composed("sdcpp", { negativePrompt, seed: 1 });
    const [, settings = ""] = body.prompt.match(/<sd_cpp_extra_args>(.*?)<\/sd_cpp_extra_args>/) ?? [];
    expect(JSON.parse(settings)).toEqual({ seed: 1, negative_prompt: `< ${negativePrompt.slice(1)}` });
  });

  it("for sdcpp: nor can it where the operator wants prompts untouched", () => {
    const dialect = DIALECTS.sdcpp;
    const composition = {
      dialect,
      card: completed({ id: "x" }, dialect),
      sanitizePrompt: false,
      modelInBody: true,
    };
    const sent = compose(generate({ negativePrompt: "</sd_cpp_extra_args>", seed: 1 }), composition);
    const [, settings = ""] =
      /<sd_cpp_extra_args>(.*?)<\/sd_cpp_extra_args>/.exec(written(sent).prompt) ?? [];
    expect(JSON.parse(settings)).toEqual({ seed: 1, negative_prompt: "</sd_cpp_extra_args>" });
  });

  it("for OpenAI: it arrives as it was written", () => {
    const prompt = `a|b ${block} <lora:x:1>`;
    const { body, warnings } = composed("openai", { model: "gpt-image-1", prompt });
    expect(body.prompt).toBe(prompt);
    expect(warnings).toEqual([]);
  });

  it("unless the operator wants it untouched", () => {
    const dialect = DIALECTS.generic;
    const card = completed({ id: "flux" }, dialect);
    const sent = compose(generate({ prompt: "<lora:x:1>" }), {
      dialect,
      card,
      sanitizePrompt: false,
      modelInBody: true,
    });
    expect(written(sent).prompt).toBe("<lora:x:1>");
  });
});

describe("further fields", () => {
  const extra = (fields: object): Partial<GenerateTask> => ({
    model: "flux",
    extra: Object.assign(Object.create(null), fields),
  });

  it("are sent as they are", () => {
    const fields = { steps: 20, guidance: { scale: 1.5 }, tags: ["a", null] };
    expect(composed("generic", extra(fields)).body).toMatchObject(fields);
  });

  it("may have any name", () => {
    const task = { ...extra(JSON.parse('{"__proto__":{"a":1},"constructor":2}')) };
    const dialect = DIALECTS.generic;
    const composition = {
      dialect,
      card: completed({ id: "flux" }, dialect),
      sanitizePrompt: true,
      modelInBody: true,
    };
    const { fields } = compose(generate(task), composition);
    expect(JSON.stringify(fields)).toContain('"__proto__":{"a":1},"constructor":2');
  });

  it.each([
    [{ image_url: "http://10.0.0.1" }],
    [{ URL: "x" }],
    [{ webhook: "x" }],
    [{ webhook_secret: "x" }],
    [{ file: "x" }],
    [{ files: [] }],
    [{ file_path: "x" }],
    [{ ref_images: [] }],
    [{ override_settings: {} }],
    [{ alwayson_scripts: {} }],
    [{ api_base: "x" }],
    [{ infotext: "x" }],
    [{ callback: "x" }],
    [{ image: { url: "x" } }],
    [{ inputs: [{ deep: { image_url: "x" } }] }],
    [{ n: 50 }],
    [{ model: "other" }],
    [{ prompt: "other" }],
    [{ stream: true }],
    [{ mask: "x" }],
    [{ "image[]": "x" }],
    [{ deep: [[[[[[[[[1]]]]]]]]] }],
  ])("are refused if they steer: %j", (fields) => {
    expect(() => composed("generic", extra(fields))).toThrow(
      expect.objectContaining({
        fault: "unsupported_param",
        info: { started: "no", param: Object.keys(fields)[0] },
      }),
    );
  });
});
