import { replicate } from "express-image-gateway/providers/replicate";

import { testProvider } from "../../lib/testing/provider";
import { createHttpClient } from "../../lib/transport/http-client";
import { startReplicate, TOKEN } from "../providers/replicate/upstream";
import { theFirst } from "./variants";

const VERSION = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

describe.each(theFirst(["black-forest-labs/flux-dev", `acme/anything:${VERSION}`]))(
  "replicate() with %s",
  (model) => {
    const http = createHttpClient();
    afterAll(() => http.close());

    testProvider(
      { describe, it },
      {
        upstream: startReplicate,
        create: ({ url }) => ({
          provider: replicate({ apiToken: TOKEN, models: [model], baseUrl: url, pollMs: 1 }),
          http,
        }),
      },
    );
  },
);
