/** LangChain's tool for pictures, which rides on the OpenAI SDK. */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";

import { DallEAPIWrapper } from "@langchain/openai";
import {
  abortOnceCalled,
  baseURL,
  describeOpenaiError,
  fetched,
  KEY,
  PATIENCE_MS,
  POOR_KEY,
  tell,
  WRONG_KEY,
} from "./cases.mjs";

const invoke = (model, prompt, more, config) =>
  new DallEAPIWrapper({ model, apiKey: KEY, baseUrl: baseURL, ...more }).invoke(prompt, config);
const refusedTo = (apiKey) => invoke("draws", "refused", { apiKey });

/** What has become of a call after the moment when it should have been given up. */
async function after(moment, call) {
  await moment;
  // Whatever was going to happen has happened before another whole call has ended.
  await invoke("draws", "later");
  return Promise.race([call, "goes on"]);
}

const cases = {
  url: async () => ({ pictures: [await fetched(await invoke("draws", "url"))] }),
  async manyUrls() {
    const items = await invoke("draws", "manyUrls", { n: 3 });
    return { pictures: await Promise.all(items.map((item) => fetched(item.image_url))) };
  },
  async many() {
    const items = await invoke("draws", "many", { n: 3, dallEResponseFormat: "b64_json" });
    return { pictures: items.map((item) => item.image_url.url) };
  },
  size: () => invoke("draws", "size", { size: "axb" }),
  model: () => invoke("nope", "model"),
  key: () => refusedTo(WRONG_KEY),
  capability: () => refusedTo(POOR_KEY),
  policy: () => invoke("refuses", "policy"),
  limited: () => invoke("limited", "limited"),
  broken: () => invoke("fails", "broken"),
  abort() {
    const signal = abortOnceCalled("abort");
    return after(once(signal, "abort"), invoke("hangs", "abort", {}, { signal }));
  },
  timeout: () => after(setTimeout(PATIENCE_MS), invoke("hangs", "timeout", {}, { timeout: PATIENCE_MS })),
};

await tell(cases, describeOpenaiError);
