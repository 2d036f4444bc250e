/** The AI SDK with OpenAI's own provider, its base address led to the gateway. */

import { createOpenAI } from "@ai-sdk/openai";
import { generateImage } from "ai";
import { describeAiError, picturesOf } from "./ai-answers.mjs";
import { baseURL, CAT, DOG, KEY, MASK, tell } from "./cases.mjs";

const openai = createOpenAI({ baseURL, apiKey: KEY });
const generate = (model, prompt, more) => generateImage({ model: openai.image(model), prompt, ...more });

const cases = {
  many: async () => picturesOf(await generate("draws", "many", { n: 3 })),
  gpt: async () => picturesOf(await generate("gpt-image-2", "gpt", { n: 3 })),
  edit: async () => picturesOf(await generate("gpt-image-2", { text: "edit", images: [CAT] })),
  editMany: async () =>
    picturesOf(await generate("gpt-image-2", { text: "editMany", images: [CAT, DOG], mask: MASK }, { n: 2 })),
  size: () => generate("draws", "size", { size: "axb" }),
  model: () => generate("nope", "model"),
  policy: () => generate("refuses", "policy"),
};

await tell(cases, describeAiError);
