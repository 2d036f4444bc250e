import type { ImageProvider } from "express-image-gateway";
import { automatic1111 } from "express-image-gateway/providers/automatic1111";
import { comfyui } from "express-image-gateway/providers/comfyui";
import { demo } from "express-image-gateway/providers/demo";
import { openai } from "express-image-gateway/providers/openai";

import type { ComfyUISettings, OpenAISettings, Settings } from "./settings";

/** What the environment sets up comes first; the demo provider is always there. */
export function makeProviders(settings: Settings): ImageProvider[] {
  const { upstream } = settings;
  return [
    ...(settings.openai === undefined ? [] : [openaiFrom(settings.openai, upstream.maxBytes)]),
    ...(settings.comfyui === undefined ? [] : [comfyuiFrom(settings.comfyui, upstream.maxBytes)]),
    ...(settings.sdwebuiUrl === undefined ? [] : [sdwebuiFrom(settings.sdwebuiUrl, upstream.maxBytes)]),
    demo({ aliases: settings.demoAliases, stepMs: settings.demoStepMs }),
  ];
}

const openaiFrom = ({ apiKey, baseUrl, models }: OpenAISettings, maxBytes: number | undefined) =>
  openai({
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(models.length === 0 ? {} : { models }),
    ...(maxBytes === undefined ? {} : { maxImageBytes: maxBytes }),
  });

const comfyuiFrom = ({ urls, workflows }: ComfyUISettings, maxBytes: number | undefined) =>
  comfyui({ url: urls, workflows, ...(maxBytes === undefined ? {} : { maxImageBytes: maxBytes }) });

const sdwebuiFrom = (url: string, maxBytes: number | undefined) =>
  automatic1111({ url, ...(maxBytes === undefined ? {} : { maxImageBytes: maxBytes }) });
