import { ProviderError } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";

import { generate, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
afterEach(() => host.close());

it("does not let the size of a request push out what another principal has stored, nor be the cause of a 503", async () => {
  const provider = scriptedProvider();
  host = await startHost({ providers: [provider], options: { store: memoryStore() } });
  const bobs = await jsonOf(await generate(host, PROMPT, { authorization: "Bearer sk-bob" }));

  provider.script = () => {
    throw new ProviderError("invalid_request", "This size is too large.", { started: "no", param: "size" });
  };
  for (const n of [8, 10]) {
    const answer = await generate(host, { ...PROMPT, n, size: "16384x3906" });
    expect(answer.status).toBe(400);
  }
  expect((await fetch(bobs.data[0].url)).status).toBe(200);
});
