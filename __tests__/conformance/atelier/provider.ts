import { setImmediate as turn } from "node:timers/promises";

import { untilAborted } from "../../../lib/internal/until-aborted";
import type {
  Fault,
  HttpRequest,
  HttpResponse,
  ImageOut,
  ImageProvider,
  ImageTask,
  InputImage,
  ModelCard,
  ProbeContext,
  ProviderErrorInfo,
  RunContext,
  RunResult,
  UpstreamRef,
} from "../../../lib/ports";
import { HttpError, ProviderError } from "../../../lib/ports";
import { KEY, ORIGIN } from "./upstream";

const CARD: ModelCard = {
  id: "atelier-1",
  aliases: ["atelier"],
  ops: ["generate", "edit", "variation"],
  limits: { n: 4, inputImages: 2 },
  progress: "steps",
  previews: true,
  cancel: { queued: "yes", running: "yes" },
  resume: true,
};

const MEANINGS: Readonly<Record<number, readonly [Fault, ProviderErrorInfo["started"], string]>> = {
  400: ["invalid_request", "no", "The atelier does not take this."],
  401: ["auth", "no", "The atelier refused the key."],
  402: ["quota", "no", "The account has nothing left."],
  404: ["not_found", "no", "The atelier does not have this."],
  429: ["rate_limit", "no", "The atelier takes no more for now."],
  451: ["content_policy", "no", "The atelier's policy refused the prompt."],
  500: ["unavailable", "maybe", "The atelier broke."],
  503: ["overloaded", "no", "The atelier is busy."],
};

/** An adapter that keeps every rule, for the broken ones to be made of. */
export function atelier(): ImageProvider {
  return {
    id: "atelier",
    async models(ctx) {
      await exchange(ctx, "GET", "/models");
      return [CARD];
    },
    run: (task, ctx) =>
      told(ctx, async () => {
        ctx.signal.throwIfAborted();
        const prompt = "prompt" in task ? task.prompt.replace(/\{\{[^}]*\}\}/g, "") : undefined;
        const order = { prompt, n: task.n, ...(await picturesOf(task, ctx.signal)) };
        const { id } = await exchange(ctx, "POST", "/jobs", JSON.stringify(order));
        if (typeof id !== "string") throw fault("protocol", "yes", "The atelier gave the work no name.");
        const ref = { provider: "atelier", id };
        await ctx.submitted(ref);
        return finished(ref, task, ctx);
      }),
    resume: (ref, task, ctx) => told(ctx, () => finished(ref, task, ctx)),
    async cancel({ id }, ctx) {
      const { status } = await ctx.http.request(requestOf(ctx, "DELETE", `/jobs/${id}`));
      return status === 200 ? "stopped" : "unknown";
    },
  };
}

/** Whole, as base64. */
async function picturesOf(task: ImageTask, signal: AbortSignal): Promise<object> {
  if (task.op === "generate") return {};
  const base64 = async (image: InputImage) =>
    Buffer.from(await whole(untilAborted(image.open(), signal))).toString("base64");
  const pictures: string[] = [];
  for (const image of task.images) pictures.push(await base64(image));
  return task.op === "edit" && task.mask ? { pictures, mask: await base64(task.mask) } : { pictures };
}

const fault = (kind: Fault, started: ProviderErrorInfo["started"], message: string, cause?: unknown) =>
  new ProviderError(kind, message, { started, cause });

/** Whatever goes wrong, as the one error that a provider rejects with. */
async function told<T>({ signal }: RunContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw fault("cancelled", "maybe", "The call was cancelled.");
    if (ProviderError.is(error)) throw error;
    if (!HttpError.is(error)) throw fault("internal", "maybe", "The provider failed.", error);
    throw fault("unavailable", error.started, "The atelier cannot be reached.", error);
  }
}

/** Looks after the work until it is done; on an abort tells the atelier, which gets 50 ms to listen. */
async function finished(ref: UpstreamRef, task: ImageTask, ctx: RunContext): Promise<RunResult> {
  try {
    for (;;) {
      const job = await exchange(ctx, "GET", `/jobs/${ref.id}`);
      if (job["status"] === "done") return resultOf(job["pictures"], task, ctx);
      if (job["status"] === "cancelled") throw fault("cancelled", "yes", "The work was stopped.");
      if (job["status"] !== "working") throw fault("protocol", "yes", "The atelier said something new.");
      await report(job, ref, ctx);
      await turn(undefined, { signal: ctx.signal });
    }
  } catch (error) {
    if (ctx.signal.aborted) await stop(ref, ctx);
    throw error;
  }
}

async function stop(ref: UpstreamRef, ctx: RunContext): Promise<void> {
  const patience = new AbortController();
  const end = () => patience.abort();
  const timer = setTimeout(end, 50);
  const request = requestOf({ signal: patience.signal }, "DELETE", `/jobs/${ref.id}`);
  await ctx.http.request(request).catch(() => {});
  clearTimeout(timer);
  // What it answers is not read.
  end();
}

async function report(job: Readonly<Record<string, unknown>>, ref: UpstreamRef, ctx: RunContext) {
  const { step, steps } = job;
  if (typeof step !== "number" || typeof steps !== "number") return;
  const at = { phase: "sampling", step, steps, fraction: step / steps } as const;
  if (!ctx.wantsPreviews) {
    ctx.progress(at);
    return;
  }
  const { body } = await ctx.http.request(requestOf(ctx, "GET", `/previews/${ref.id}`));
  ctx.progress({ ...at, preview: { type: "image/png", bytes: await whole(body) } });
}

function resultOf(addresses: unknown, task: ImageTask, ctx: RunContext): RunResult {
  const all: readonly unknown[] = Array.isArray(addresses) ? addresses : [];
  if (all.length === 0) throw fault("protocol", "yes", "The atelier made no picture.");
  const images = all.slice(0, task.n).map((address) => imageOf(String(address), ctx));
  const short = [{ param: "n", message: `the atelier made ${images.length} of ${task.n} pictures` }];
  return { images, meta: () => (images.length < task.n ? { warnings: short } : {}) };
}

/** The address comes from the atelier: elsewhere it is asked for without the key. */
function imageOf(address: string, ctx: RunContext): ImageOut {
  const open = async function* () {
    const home = requestOf(ctx, "GET", "");
    const request =
      new URL(address).origin === ORIGIN ? { ...home, url: address } : { ...home, url: address, headers: {} };
    const { status, body } = await ctx.http.request(request);
    if (status !== 200) throw fault("protocol", "yes", "A picture could not be fetched.");
    yield* body;
  };
  return { data: { as: "bytes", open } };
}

const requestOf = (
  { signal }: Pick<ProbeContext, "signal">,
  method: HttpRequest["method"],
  path: string,
  body?: string,
): HttpRequest => ({
  method,
  url: `${ORIGIN}${path}`,
  headers: { authorization: `Bearer ${KEY}` },
  signal,
  maxBytes: 1_000_000,
  ...(body === undefined ? {} : { body }),
});

async function exchange(
  ctx: ProbeContext,
  ...about: [method: HttpRequest["method"], path: string, body?: string]
): Promise<Readonly<Record<string, unknown>>> {
  const response = await ctx.http.request(requestOf(ctx, ...about));
  if (response.status > 299) throw await refusal(response);
  return objectOf(response);
}

async function refusal({ status, body }: HttpResponse): Promise<ProviderError> {
  await body[Symbol.asyncIterator]().return?.();
  const [kind, started, message] = MEANINGS[status] ?? [
    "protocol",
    "maybe",
    "The atelier said something new.",
  ];
  return fault(kind, started, message);
}

async function objectOf({ body }: HttpResponse): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(await whole(body)).toString());
    if (typeof value === "object" && value !== null) return { ...value };
  } catch (error) {
    if (HttpError.is(error)) throw error;
  }
  throw fault("protocol", "yes", "The atelier's answer cannot be read.");
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
