import { EventEmitter, on } from "node:events";

import {
  type ImageOut,
  type ImageProvider,
  type ImageTask,
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
export interface ActingProvider extends ImageProvider {
  callsFor(prompt: string): readonly Call[];
  /** What was drawn for a prompt, as base64, sorted. */
  drawnFor(prompt: string): readonly string[];
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
  const news = new EventEmitter();
  let seed = 0;

  const draws: Script = async (task) => {
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
    models: () => [...acts.keys()].map((id) => ({ id, cancel: { queued: "yes", running: "yes" } }) as const),
    callsFor,
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

const promptOf = (task: ImageTask): string => (task.op === "variation" ? "" : task.prompt);
