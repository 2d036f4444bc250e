import { demo } from "express-image-gateway/providers/demo";
import { type OpenAIOptions, openai } from "express-image-gateway/providers/openai";

import { testProvider } from "../../lib/testing/provider";
import { createHttpClient } from "../../lib/transport/http-client";
import { atelier } from "./atelier/provider";
import { startAtelier } from "./atelier/upstream";
import type { BrokenProvider } from "./broken-providers/broken";
import { brokenDealings } from "./broken-providers/dealings";
import { brokenInputs } from "./broken-providers/inputs";
import { brokenOutcomes } from "./broken-providers/outcomes";
import { brokenRunning } from "./broken-providers/running";
import { KEY, startOpenAIUpstream } from "./openai-upstream";
import { record } from "./recorder";
import { countTurns } from "./turns";
import { ruleOf, testSuite } from "./verdict";

describe("demo", () => {
  testProvider({ describe, it }, { create: () => ({ provider: demo({ stepMs: 0, steps: 3 }) }) });
});

const TAGS = ['<sd_cpp_extra_args>{"batch_count":3}</sd_cpp_extra_args>', "<lora:style:1>"];

interface Server {
  readonly model: string;
  /** Below the address of the server. */
  readonly path: string;
  readonly options: OpenAIOptions;
  readonly controls?: readonly string[];
}

const servers: readonly Server[] = [
  { model: "gpt-image-1", path: "/v1", options: { dialect: "openai", models: ["gpt-image-1"] } },
  { model: "dall-e-3", path: "/v1", options: { dialect: "openai" } },
  { model: "dall-e-2", path: "/v1", options: { dialect: "openai", models: ["dall-e-2"] } },
  {
    model: "my-deployment",
    path: "",
    options: { dialect: "azure", apiVersion: "2025-04-01-preview", models: ["my-deployment"] },
  },
  {
    model: "sdxl",
    path: "/v1",
    options: { dialect: "localai", models: ["sdxl"] },
    controls: ["|blurry", ...TAGS],
  },
  { model: "sd1", path: "/v1", options: { dialect: "sdcpp" }, controls: TAGS },
  {
    model: "flux",
    path: "/v1",
    options: { dialect: "generic", models: [{ id: "flux", ops: ["generate", "edit"] }] },
    controls: TAGS,
  },
];

describe.each(servers)("openai($options.dialect) with $model", ({ model, path, options, controls = [] }) => {
  const http = createHttpClient();
  afterAll(() => http.close());

  testProvider(
    { describe, it },
    {
      upstream: () => startOpenAIUpstream(model, controls),
      create: ({ url }) => ({
        provider: openai({ ...options, baseUrl: `${url}${path}`, apiKey: KEY }),
        http,
      }),
    },
  );
});

/** More are in each other's way, and none is sooner done. */
const AT_ONCE = 8;

describe("the suite for providers", () => {
  let stop = () => {};
  // The atelier has no network. Some broken providers wait for seconds that must not be exceeded.
  beforeAll(() => {
    stop = countTurns();
  });
  afterAll(() => stop());

  const rules = Array.from({ length: 14 }, (_, at) => at + 1);
  const run = (broken: BrokenProvider | undefined, rule?: number) =>
    record(
      (runner) =>
        testProvider(runner, {
          upstream: startAtelier,
          create: ({ http }) => ({ provider: broken?.create() ?? atelier(), http }),
          patienceMs: 2_000,
        }),
      undefined,
      (title) => rule === undefined || ruleOf(title) === rule,
    );
  testSuite(rules, [...brokenOutcomes, ...brokenRunning, ...brokenDealings, ...brokenInputs], run, AT_ONCE);
});
