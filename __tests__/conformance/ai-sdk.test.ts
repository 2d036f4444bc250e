import { aiSdk, gatewayFetch } from "../../lib/providers/ai-sdk";
import { testProvider } from "../../lib/testing/provider";
import type { TestRunner } from "../../lib/testing/test-runner";
import { createHttpClient } from "../../lib/transport/http-client";
import { directModel, queueModel } from "../providers/ai-sdk/http-model";
import { KEY, startOpenAIUpstream } from "./openai-upstream";
import { startQueueUpstream } from "./queue-upstream";
import { theFirst } from "./variants";

const http = createHttpClient();
afterAll(() => http.close());

const runner = { describe, it };

describe.each(theFirst(["v4", "v3", "v2"] as const))("a model of version %s with gatewayFetch", (version) => {
  testProvider(runner, {
    upstream: () => startOpenAIUpstream("m", []),
    create: ({ url }) => ({
      provider: aiSdk({ models: { m: directModel(version, { url, key: KEY, fetch: gatewayFetch }) } }),
      http,
    }),
  });
});

describe("a model of a queue with gatewayFetch", () => {
  testProvider(runner, {
    upstream: startQueueUpstream,
    create: ({ url }) => ({
      provider: aiSdk({ models: { m: queueModel("v4", { url, key: KEY, fetch: gatewayFetch }) } }),
      http,
    }),
  });
});

describe("a model with the fetch of its own package keeps all rules but the tenth", () => {
  const allButTheWayOut: TestRunner = {
    describe,
    it: (title, body) => {
      if (!title.startsWith("10. ")) it(title, body);
    },
  };
  testProvider(allButTheWayOut, {
    upstream: () => startOpenAIUpstream("m", []),
    create: ({ url }) => ({ provider: aiSdk({ models: { m: directModel("v4", { url, key: KEY }) } }), http }),
  });
});
