import {
  type ImageOut,
  type ImageProvider,
  type ImageTask,
  type ModelCard,
  ProviderError,
  type RunContext,
  type RunResult,
} from "express-image-gateway";
import sharp from "sharp";

export type Script = (task: ImageTask, context: RunContext) => Promise<RunResult> | RunResult;

/** A provider whose every move a test decides; counts its calls. */
export interface ScriptedProvider extends ImageProvider {
  readonly calls: ImageTask[];
  script: Script;
}

export function scriptedProvider(
  script: Script = (task) => pictures(task.n),
  card: Partial<ModelCard> = {},
  id = "scripted",
): ScriptedProvider {
  const provider: ScriptedProvider = {
    id,
    calls: [],
    script,
    models: () => [{ id: "test-model", ...card }],
    async run(task, context) {
      provider.calls.push(task);
      return provider.script(task, context);
    },
  };
  return provider;
}

/** A real picture, one solid colour. */
export const picture = (
  options: { width?: number; height?: number; format?: "png" | "jpeg" | "webp"; seed?: number } = {},
): Promise<Buffer> => {
  const { width = 8, height = 8, format = "png", seed = 0 } = options;
  const background = { r: seed % 256, g: 80, b: 160 };
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
};

export const bytesOut = (bytes: Uint8Array, more: Partial<ImageOut> = {}): ImageOut => ({
  data: {
    as: "bytes",
    async *open() {
      yield bytes;
    },
  },
  ...more,
});

/** `n` pictures that differ. */
export async function pictures(n: number, more: Partial<ImageOut> = {}): Promise<RunResult> {
  const images = await Promise.all(Array.from({ length: n }, (_, seed) => picture({ seed })));
  return { images: images.map((bytes) => bytesOut(bytes, more)), meta: () => ({}) };
}

/** Never ends by itself; on an abort it does what a good adapter does. */
export const untilAborted: Script = (_task, { signal }) =>
  new Promise((_, reject) => {
    const stop = () =>
      reject(new ProviderError("cancelled", "The call was cancelled.", { started: "maybe" }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
