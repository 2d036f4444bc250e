import { testProvider } from "express-image-gateway/testing";

import { studio } from "./studio";
import { KEY, startStudio } from "./studio-upstream";

testProvider(
  { describe, it },
  {
    upstream: startStudio,
    create: ({ url }) => ({ provider: studio({ url, apiKey: KEY, pollMs: 1 }) }),
  },
);
