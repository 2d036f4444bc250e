import { inspect } from "node:util";

import { type OpenAIOptions, openai } from "../../../lib/providers/openai";

const KEY = "canary-key";
const AZURE = "https://res.openai.azure.com";

describe("openai()", () => {
  it.each<[string, OpenAIOptions]>([
    ["a key alone", { apiKey: KEY }],
    ["a header with the key", { headers: { Authorization: `Bearer ${KEY}` } }],
    ["a server without a key", { baseUrl: "http://localhost:8080/v1" }],
    ["a slash at the end", { baseUrl: "http://localhost:8080/v1/" }],
    [
      "Azure's older addresses",
      { dialect: "azure", baseUrl: AZURE, apiKey: KEY, apiVersion: "2025-04-01-preview", models: ["a"] },
    ],
    [
      "Azure's newer addresses",
      { dialect: "azure", baseUrl: `${AZURE}/openai/v1`, apiKey: KEY, models: ["a"] },
    ],
    [
      "models as names and cards",
      { apiKey: KEY, models: ["gpt-image-1", { id: "mine", upstream: "dall-e-3" }] },
    ],
  ])("takes %s", (_name, options) => {
    expect(openai(options).id).toBe("openai");
  });

  it.each<[RegExp, OpenAIOptions]>([
    [/apiKey is missing: OpenAI answers nobody without a key/, {}],
    [/apiKey is missing/, { apiKey: undefined }],
    [/apiKey is empty: is the environment variable set/, { apiKey: "" }],
    [/apiKey holds spaces, line breaks or non-ASCII/, { apiKey: `${KEY}\n` }],
    [/apiKey holds spaces/, { apiKey: `Bearer ${KEY}` }],
    [
      /apiKey and headers\.authorization are both given; drop one/,
      { apiKey: KEY, headers: { Authorization: KEY } },
    ],
    [/headers\.x-a must be printable ASCII/, { apiKey: KEY, headers: { "x-a": "1\r\nx-b: 2" } }],
    [/headers\.Host cannot be set/, { apiKey: KEY, headers: { Host: "elsewhere" } }],
    [/headers\.Content-Length cannot be set/, { apiKey: KEY, headers: { "Content-Length": "1" } }],
    [/headers\.Accept-Encoding cannot be set/, { apiKey: KEY, headers: { "Accept-Encoding": "gzip" } }],
    [/headers\.x a cannot be set/, { apiKey: KEY, headers: { "x a": "1" } }],
    [
      /baseUrl is no http or https URL: write it like "https:\/\/api\.openai\.com\/v1"/,
      { baseUrl: "localhost/v1" },
    ],
    [/baseUrl is no http or https URL/, { baseUrl: "ftp://localhost/v1" }],
    [/baseUrl holds user info: give it in headers/, { baseUrl: `http://a:${KEY}@localhost/v1` }],
    [/baseUrl holds a query or fragment/, { baseUrl: `http://localhost/v1?key=${KEY}` }],
    [/id use lower-case letters/, { id: "My Provider", apiKey: KEY }],
    [/baseUrl is missing: name the resource/, { dialect: "azure", apiKey: KEY, models: ["a"] }],
    [
      /apiVersion is missing: name it, or use a baseUrl that ends in "\/openai\/v1"/,
      { dialect: "azure", baseUrl: AZURE, models: ["a"] },
    ],
    [
      /models is missing: Azure does not list deployments/,
      { dialect: "azure", baseUrl: `${AZURE}/openai/v1` },
    ],
    [/models is empty/, { apiKey: KEY, models: [] }],
    [/models names a model twice/, { apiKey: KEY, models: ["a", { id: "a" }] }],
    [/models holds a model without an id/, { apiKey: KEY, models: [""] }],
    [/maxImageBytes is 0: give a whole number between 1 and/, { apiKey: KEY, maxImageBytes: 0 }],
    [/maxImageBytes is 1e\+30/, { apiKey: KEY, maxImageBytes: 1e30 }],
  ])("refuses with %p", (message, options) => {
    expect(() => openai(options)).toThrow(message);
    expect(() => openai(options)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(KEY) }),
    );
  });

  it.each([
    [{ baseURL: "http://localhost" }, /option 'baseURL' is unknown; did you mean 'baseUrl'\?/],
    [{ api_key: KEY }, /option 'api_key' is unknown; did you mean 'apiKey'\?/],
    [{ organization: "x" }, /option 'organization' is unknown; known: id, baseUrl, apiKey/],
    [{ dialect: "mistral", apiKey: KEY }, /dialect use one of openai, azure, localai, sdcpp, generic/],
    [{ dialect: "constructor", apiKey: KEY }, /dialect use one of/],
  ])("refuses %j, as a host without types would write it", (options: object, message) => {
    expect(() => openai(options)).toThrow(message);
  });

  it("keeps the key out of what a logger would print of the provider", () => {
    expect(inspect(openai({ apiKey: KEY }), { depth: 9, showHidden: true })).not.toContain(KEY);
    expect(JSON.stringify(openai({ apiKey: KEY }))).not.toContain(KEY);
  });
});
