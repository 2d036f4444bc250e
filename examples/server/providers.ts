import type { ImageProvider } from "express-image-gateway";
import { demo } from "express-image-gateway/providers/demo";
import { openai } from "express-image-gateway/providers/openai";

import type { Settings } from "./settings";

/** The OpenAI-compatible provider first, where one is set up; the demo provider is always there. */
export function makeProviders({
  openai: upstream,
  demoAliases,
  demoStepMs,
  upstream: limits,
}: Settings): ImageProvider[] {
  const pictures = demo({ aliases: demoAliases, stepMs: demoStepMs });
  if (upstream === undefined) return [pictures];
  const { apiKey, baseUrl, models } = upstream;
  return [
    openai({
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(models.length === 0 ? {} : { models }),
      ...(limits.maxBytes === undefined ? {} : { maxImageBytes: limits.maxBytes }),
    }),
    pictures,
  ];
}
