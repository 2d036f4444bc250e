import { GatewayError, ProviderError } from "express-image-gateway";

import { foreignText } from "../../../lib/core/running/foreign-text";

const said = new Error(
  "CUDA out of memory at /srv/models/x.bin for 'a secret cat' with key sk-abcdefgh12345678",
);

it.each([
  ["as it was thrown", said],
  [
    "as the cause of a provider's error",
    new ProviderError("internal", "It failed.", { started: "yes", cause: said }),
  ],
  [
    "further down",
    new GatewayError("upstream_error", "It failed.", {
      cause: new ProviderError("internal", "It failed.", { started: "yes", cause: said }),
    }),
  ],
])("gives the text %s, without key, path and prompt", (_where, error) => {
  const text = foreignText(error, "a secret cat");
  expect(text).toContain("CUDA out of memory");
  expect(text).not.toMatch(/secret cat|sk-abc|srv|x\.bin/);
});

it("has nothing to add to an error without a cause", () => {
  expect(foreignText(new ProviderError("timeout", "Too slow.", { started: "maybe" }), "x")).toBeUndefined();
});
