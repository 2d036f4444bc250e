import express from "express";
import { createImageRouter } from "express-image-gateway";

import { type StudioOptions, studio } from "./studio";

export function startApp(options: StudioOptions) {
  const images = createImageRouter({
    authenticate: ({ token }) => (token === "my-key" ? { id: "me" } : null),
    capabilities: () => true,
    providers: [studio(options)],
  });
  return { images, app: express().use("/v1", images.router) };
}
