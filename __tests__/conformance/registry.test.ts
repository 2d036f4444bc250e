import { demo } from "express-image-gateway/providers/demo";
import { openai } from "express-image-gateway/providers/openai";
import { arrayRegistry } from "../../lib/core/registry/array-registry";
import type { ModelOptions } from "../../lib/core/registry/model-options";
import { testRegistry } from "../../lib/testing/registry";
import { ANN, BOB, type BrokenRegistry, brokenRegistries, registry } from "./broken-hosts/registries";
import { record } from "./recorder";
import { testSuite } from "./verdict";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const unreachable = { request: () => Promise.reject(new Error("no network here")) };

describe("the registry of an array", () => {
  testRegistry(
    { describe, it },
    {
      create: () => ({
        registry: arrayRegistry({
          providers: [
            openai({ apiKey: "sk-none", models: ["gpt-image-1", "dall-e-3"] }),
            demo({ aliases: ["dall-e-3", "stable-diffusion-xl"] }),
          ],
          probe: (signal) => ({ signal, http: unreachable, log: silent }),
          clock: Date.now,
          log: silent,
        }),
        principal: ANN,
      }),
    },
  );
});

describe("the registry of an array, with names, routes and visibility", () => {
  const models: ModelOptions = {
    aliases: { "dall-e-3": "house", best: "gpt-image-1" },
    routes: {
      house: [
        { provider: "demo", weight: 2 },
        { provider: "openai", model: "gpt-image-1", weight: 1 },
      ],
    },
    visible: (card, { principal }) => principal.id === ANN.id || card.id !== "gpt-image-1",
  };
  testRegistry(
    { describe, it },
    {
      create: () => ({
        registry: arrayRegistry({
          providers: [openai({ apiKey: "sk-none", models: ["gpt-image-1", "dall-e-3"] }), demo()],
          models,
          probe: (signal) => ({ signal, http: unreachable, log: silent }),
          clock: Date.now,
          log: silent,
        }),
        principal: ANN,
        other: BOB,
      }),
    },
  );
});

describe("the suite for registries", () => {
  const run = (broken: BrokenRegistry | undefined) =>
    record((runner) =>
      testRegistry(runner, {
        create: () => ({ registry: broken?.create() ?? registry, principal: ANN, other: BOB }),
        patienceMs: 1_000,
      }),
    );
  testSuite([1, 2, 3, 4, 5], brokenRegistries, run);
});
