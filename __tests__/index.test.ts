import * as gateway from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";

import { scriptedProvider } from "./support/scripted-provider";

it("shows these values and no others", () => {
  expect(Object.keys(gateway).sort()).toEqual([
    "ERROR_KINDS",
    "GatewayError",
    "HTTP_FAULTS",
    "HttpError",
    "ProviderError",
    "StoreFullError",
    "createImageRouter",
    "isTerminal",
    "jsonLogger",
    "openaiErrorHandler",
  ]);
});

it("makes a gateway synchronously, with the members that the documentation names", async () => {
  const images = gateway.createImageRouter({
    authenticate: false,
    capabilities: () => true,
    providers: [scriptedProvider()],
    store: memoryStore(),
    logger: gateway.jsonLogger({ write: () => {} }),
  });
  expect(typeof images.router).toBe("function");
  expect(Object.keys(images).sort()).toEqual([
    "attach",
    "close",
    "disconnectPrincipal",
    "generate",
    "health",
    "models",
    "ready",
    "router",
  ]);
  await images.ready();
  await images.close();
});
