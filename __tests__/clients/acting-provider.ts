import { EventEmitter, on } from "node:events";

import {
  type ImageOut,
  type ImageProvider,
  type ImageTask,
  type InputImage,
  ProviderError,
  type RunContext,
} from "express-image-gateway";

import { bytesOut, picture, type Script, scriptedProvider, untilAborted } from "../support/scripted-provider";

/** What a provider that refuses for a while asks for; longer than any client waits by itself before its first retry. */
export const RETRY_AFTER_MS = 3000;

/** One call of the provider, as it saw it. */
interface Call {
  readonly prompt: string;
  /** Milliseconds. */
  readonly at: number;
  /** The gateway took it back. */
  stopped: boolean;
}

/** A provider that does what the model's name says, and remembers it by prompt. */
/** What a call began with, as base64. */
export interface GivenPictures {
  readonly images: readonly string[];
  readonly mask: string | undefined;
}

export interface ActingProvider extends ImageProvider {
  callsFor(prompt: string): readonly Call[];
  /** What was drawn for a prompt, as base64, sorted. */
  drawnFor(prompt: string): readonly string[];
  /** What came with a prompt, one for each call. */
  givenFor(prompt: string): readonly GivenPictures[];
  /** Resolves once calls with a prompt have come in, or were taken back, so many times. */
  until(what: string, prompt: string, times: number): Promise<void>;
}

const fails =
  (...reason: ConstructorParameters<typeof ProviderError>): Script =>
  () => {
    throw new ProviderError(...reason);
  };

export function actingProvider(): ActingProvider {
  const calls: Call[] = [];
  const drawn: { prompt: string; base64: string }[] = [];
  const given: { prompt: string; pictures: GivenPictures }[] = [];
  const news = new EventEmitter();
  let seed = 0;

  const draws: Script = async (task, context) => {
    if (task.op !== "generate") given.push({ prompt: promptOf(task), pictures: await picturesIn(task) });
    if (task.partialImages) {
      const preview = { type: "image/png", bytes: await picture({ seed: seed++ }) };
      context.progress({ phase: "sampling", step: 1, steps: 2, preview });
    }
    const images: ImageOut[] = [];
    for (let index = 0; index < task.n; index++) {
      const bytes = await picture({ seed: seed++ });
      drawn.push({ prompt: promptOf(task), base64: bytes.toString("base64") });
      images.push(bytesOut(bytes));
    }
    return { images, meta: () => ({}) };
  };
  const acts = new Map<string, Script>([
    ["draws", draws],
    // Names that clients know: they send other fields for these, and GPT image models answer in base64 unasked.
    ["dall-e-2", draws],
    ["gpt-image-2", draws],
    ["limited", fails("rate_limit", "Too fast.", { started: "no", retryAfterMs: RETRY_AFTER_MS })],
    ["fails", fails("unavailable", "It broke.", { started: "yes", status: 500 })],
    ["refuses", fails("content_policy", "Not that.", { started: "no" })],
    ["hangs", untilAborted],
  ]);

  const act = (task: ImageTask, context: RunContext) => {
    const call: Call = { prompt: promptOf(task), at: performance.now(), stopped: false };
    calls.push(call);
    context.signal.addEventListener("abort", () => {
      call.stopped = true;
      news.emit("news");
    });
    news.emit("news");
    return (acts.get(task.model) ?? untilAborted)(task, context);
  };
  const callsFor = (prompt: string) => calls.filter((call) => call.prompt === prompt);

  return {
    ...scriptedProvider(act),
    models: () => [...acts.keys()].map((id) => ({ id, ...CARD })),
    callsFor,
    givenFor: (prompt) => given.filter((each) => each.prompt === prompt).map(({ pictures }) => pictures),
    drawnFor: (prompt) =>
      drawn
        .filter((each) => each.prompt === prompt)
        .map(({ base64 }) => base64)
        .sort(),
    async until(what, prompt, times) {
      const changes = on(news, "news");
      const isEnough = () =>
        callsFor(prompt).filter(({ stopped }) => stopped || what === "called").length >= times;
      while (!isEnough()) await changes.next();
      await changes.return?.();
    },
  };
}

const CARD = {
  ops: ["generate", "edit", "variation"],
  cancel: { queued: "yes", running: "yes" },
  previews: true,
} as const;

async function picturesIn(task: Exclude<ImageTask, { readonly op: "generate" }>): Promise<GivenPictures> {
  const base64 = async (image: InputImage) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of image.open()) pieces.push(piece);
    return Buffer.concat(pieces).toString("base64");
  };
  const images: string[] = [];
  for (const image of task.images) images.push(await base64(image));
  return { images, mask: task.op === "edit" && task.mask ? await base64(task.mask) : undefined };
}

const promptOf = (task: ImageTask): string => (task.op === "variation" ? "" : task.prompt);
