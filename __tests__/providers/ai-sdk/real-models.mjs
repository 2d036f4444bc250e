/**
 * Calls real models of the AI SDK, which are ES modules, through the built bridge, and prints what came of each case. Arguments: the
 * address of an upstream, and the folder of the packages.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [upstream, packages] = process.argv.slice(2);
const ours = createRequire(import.meta.url);
const { aiSdk, gatewayFetch } = ours("../../../dist/lib/providers/ai-sdk/index.js");
const { createHttpClient } = ours("../../../dist/lib/transport/http-client.js");

const theirs = createRequire(join(packages, "package.json"));
const load = (name) => import(pathToFileURL(theirs.resolve(name)).href);
const { createOpenAI } = await load("@ai-sdk/openai");
const { createOpenAICompatible } = await load("@ai-sdk/openai-compatible");
const { createOpenAICompatible: createOlder } = await load("openai-compatible2");

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const KEY = "sk-real-0123456789";
const http = createHttpClient();

const models = (fetch) => {
  const baseURL = `${upstream}/v1`;
  const own = { baseURL, apiKey: KEY, ...(fetch && { fetch }) };
  const fields = { seed: "seed", negative_prompt: "negative_prompt" };
  return {
    openai: createOpenAI(own).image("gpt-image-1"),
    unreachable: createOpenAI({ ...own, baseURL: "http://127.0.0.1:2/v1" }).image("gpt-image-1"),
    compatible: { model: createOpenAICompatible({ ...own, name: "my-server" }).imageModel("sdxl"), fields },
    older: { model: createOlder({ ...own, name: "my-server" }).imageModel("sdxl"), fields },
  };
};

const context = (signal = new AbortController().signal) => ({
  http,
  signal,
  log: console,
  deadline: Date.now() + 10_000,
  wantsPreviews: false,
  progress() {},
});

const task = (model, prompt, more) => ({
  op: "generate",
  model,
  prompt,
  n: 1,
  deliver: "any",
  extra: {},
  ...more,
});
const input = {
  name: "pixel.png",
  type: "image/png",
  async *open() {
    yield Buffer.from(PIXEL, "base64");
  },
};

async function outcome(provider, asked, signal) {
  try {
    const result = await provider.run(asked, context(signal));
    const pictures = [];
    for await (const { data, revisedPrompt } of result.images) {
      const pieces = [];
      for await (const piece of data.open()) pieces.push(piece);
      pictures.push({ as: data.as, text: Buffer.concat(pieces).toString(), revisedPrompt });
    }
    return { pictures, meta: result.meta() };
  } catch (error) {
    return {
      fault: error.fault,
      started: error.info?.started,
      param: error.info?.param,
      message: error.message,
    };
  }
}

/** Aborts once the upstream has been asked for so many pictures that never come. */
function abortOnceHanging(times) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  fetch(`${upstream}/hanging/${times}`).then(abort, abort);
  return stop.signal;
}

async function cases(times, ownFetch) {
  const provider = aiSdk({ models: models(ownFetch) });
  const run = (model, prompt, more, signal) => outcome(provider, task(model, prompt, more), signal);
  return {
    cards: await provider.models(context()),
    draws: await run("openai", "draw", {
      quality: "high",
      output: { format: "webp" },
      size: { width: 1024, height: 1024 },
    }),
    edits: await run("openai", "draw", { op: "edit", images: [input], mask: input }),
    compatible: await run("compatible", "draw", { seed: 9, negativePrompt: "blurry" }),
    older: await run("older", "draw", { seed: 9, negativePrompt: "blurry" }),
    limited: await run("openai", "limited"),
    policy: await run("openai", "policy"),
    parameter: await run("openai", "draw", { quality: "unheard-of" }),
    crash: await run("openai", "crash"),
    strange: await run("openai", "strange"),
    unreachable: await run("unreachable", "draw"),
    hangs: await run("openai", "hang", {}, abortOnceHanging(times)),
  };
}

console.log(JSON.stringify({ gateway: await cases(1, gatewayFetch), own: await cases(2) }));
http.close();
