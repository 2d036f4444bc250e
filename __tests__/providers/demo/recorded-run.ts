import type { ImageOut, ImageProvider, ImageTask, Progress, RunContext } from "../../../lib/ports";

type GenerateTask = Extract<ImageTask, { op: "generate" }>;

/** A task as the gateway would hand it over, small unless a test says otherwise. */
export const taskOf = (fields: Partial<GenerateTask> = {}): GenerateTask => ({
  op: "generate",
  model: "demo",
  prompt: "a mountain lake at sunrise",
  n: 1,
  size: { width: 96, height: 64 },
  seed: 7,
  deliver: "any",
  extra: {},
  ...fields,
});

interface Recording {
  readonly ctx: RunContext;
  readonly progress: Progress[];
}

interface RecordingOptions {
  readonly signal?: AbortSignal;
  /** Asked anew each time the provider looks. */
  readonly wantsPreviews?: () => boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** A context that keeps what the provider tells, and has no network. */
export function recording(options: RecordingOptions = {}): Recording {
  const progress: Progress[] = [];
  const ignore = () => {};
  return {
    progress,
    ctx: {
      signal: options.signal ?? new AbortController().signal,
      http: { request: () => Promise.reject(new Error("The demo needs no network.")) },
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      jobId: "imgjob_00000000000000000000000000000000",
      requestId: "request",
      callKey: "00000000-0000-4000-8000-000000000000",
      deadline: Number.MAX_SAFE_INTEGER,
      get wantsPreviews() {
        return options.wantsPreviews?.() ?? false;
      },
      submitted: () => Promise.resolve(),
      progress(told) {
        progress.push(told);
        options.onProgress?.(told);
      },
    },
  };
}

/** Runs the task and collects the images as the provider gives them. */
export async function imagesOf(
  provider: ImageProvider,
  task: ImageTask,
  ctx = recording().ctx,
): Promise<ImageOut[]> {
  const images: ImageOut[] = [];
  for await (const image of (await provider.run(task, ctx)).images) images.push(image);
  return images;
}

export async function chunksOf(image: ImageOut): Promise<Uint8Array[]> {
  if (image.data.as !== "bytes") throw new Error("expected bytes");
  const chunks: Uint8Array[] = [];
  for await (const chunk of image.data.open()) chunks.push(chunk);
  return chunks;
}

export async function bytesOf(image: ImageOut | undefined): Promise<Buffer> {
  if (!image) throw new Error("expected an image");
  return Buffer.concat(await chunksOf(image));
}
