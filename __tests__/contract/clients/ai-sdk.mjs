/**
 * The AI SDK with its provider for OpenAI-compatible servers. Arguments: the names of the two packages, and the address of a
 * gateway whose links lead to another origin, on this machine.
 */

import { describeAiError, picturesOf } from "./ai-answers.mjs";
import {
  abortOnceCalled,
  args,
  baseURL,
  CAT,
  DOG,
  KEY,
  MASK,
  PATIENCE_MS,
  POOR_KEY,
  stopped,
  tell,
  WRONG_KEY,
} from "./cases.mjs";

const [ai, compatible, elsewhere] = args;
const { generateImage } = await import(ai);
const { createOpenAICompatible } = await import(compatible);

const gateway = (options) => createOpenAICompatible({ name: "gateway", baseURL, apiKey: KEY, ...options });
const BASE64 = { providerOptions: { gateway: { response_format: "b64_json" } } };
const LINKS = { providerOptions: { gateway: { response_format: "url" } } };

const generate = (model, prompt, more, options) =>
  generateImage({ model: gateway(options).imageModel(model), prompt, ...more });
const edit = (text, images, more) =>
  generateImage({
    model: gateway().imageModel("gpt-image-2"),
    prompt: { text, images, ...more },
    n: images.length,
    maxImagesPerCall: 4,
  });
const refusedTo = (apiKey) => generate("draws", "refused", {}, { apiKey });

const cases = {
  url: async () => picturesOf(await generate("draws", "url", LINKS)),
  foreign: async () =>
    picturesOf(await generate("test-model", "foreign", LINKS, { baseURL: `${elsewhere}/v1` })),
  many: async () => picturesOf(await generate("draws", "many", { n: 3, ...BASE64 })),
  edit: async () => picturesOf(await edit("edit", [CAT])),
  editMany: async () => picturesOf(await edit("editMany", [CAT, DOG], { mask: MASK })),
  noPicture: () => edit("noPicture", [Buffer.from("no picture")]),
  size: () => generate("draws", "size", { size: "axb" }),
  model: () => generate("nope", "model"),
  key: () => refusedTo(WRONG_KEY),
  capability: () => refusedTo(POOR_KEY),
  policy: () => generate("refuses", "policy"),
  limited: () => generate("limited", "limited"),
  broken: () => generate("fails", "broken"),
  abort: () => generate("hangs", "abort", { abortSignal: abortOnceCalled("abort") }),
  abortSeen: () => stopped("abort", 1),
  timeout: () => generate("hangs", "timeout", { abortSignal: AbortSignal.timeout(PATIENCE_MS) }),
  timeoutSeen: () => stopped("timeout", 1),
};

await tell(cases, describeAiError);
