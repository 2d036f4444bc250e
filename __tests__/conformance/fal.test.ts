import { fal } from "express-image-gateway/providers/fal";

import { testProvider } from "../../lib/testing/provider";
import { createHttpClient } from "../../lib/transport/http-client";
import { KEY, startFal } from "../providers/fal/upstream";
import { theFirst } from "./variants";

describe.each(theFirst(["fal-ai/flux/schnell", "acme/anything/at/all"]))("fal() with %s", (model) => {
  const http = createHttpClient();
  afterAll(() => http.close());

  testProvider(
    { describe, it },
    {
      upstream: startFal,
      create: ({ url }) => ({
        provider: fal({ apiKey: KEY, models: [model], baseUrl: url, pollMs: 1 }),
        http,
      }),
    },
  );
});
