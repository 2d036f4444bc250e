import { setTimeout as pause } from "node:timers/promises";
import {
  type Fault,
  HttpError,
  type ImageOut,
  type ImageProvider,
  type ModelCard,
  type ProbeContext,
  ProviderError,
  type RunContext,
} from "express-image-gateway";

const CARD: ModelCard = {
  id: "studio-1",
  limits: { n: 4, sizes: [{ kind: "grid", step: 64, min: 64, max: 1024, auto: true }] },
  params: { negativePrompt: false, quality: false, style: false },
  progress: "steps",
  previews: false,
  cancel: { queued: "yes", running: "yes" },
};

/** What the studio says before it begins. Any other status may have been begun, and billed. */
const REFUSALS: Readonly<Record<number, readonly [Fault, string]>> = {
  400: ["invalid_request", "The studio does not take this request."],
  401: ["auth", "The studio refused the key."],
  402: ["quota", "The account at the studio is empty."],
  404: ["not_found", "The studio does not have this."],
  422: ["content_policy", "The studio refused the prompt."],
  429: ["rate_limit", "The studio takes no more requests for now."],
  503: ["overloaded", "The studio is busy."],
};

export interface StudioOptions {
  readonly url: string;
  readonly apiKey: string;
  /** @default 1000 */
  readonly pollMs?: number;
}

export function studio({ url, apiKey, pollMs = 1_000 }: StudioOptions): ImageProvider {
  type Way = Pick<ProbeContext, "http" | "signal">;

  const send = ({ http, signal }: Way, method: "GET" | "POST" | "DELETE", path: string, body?: object) =>
    http.request({
      method,
      url: url + path,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
      signal,
      maxBytes: 32 * 2 ** 20,
    });

  async function ask(...request: Parameters<typeof send>): Promise<Readonly<Record<string, unknown>>> {
    const { status, body } = await send(...request);
    const text = await textOf(body);
    if (status < 300) return objectIn(text);
    const [fault, message] = REFUSALS[status] ?? ["unavailable", "The studio failed."];
    throw new ProviderError(fault, message, { status, started: status in REFUSALS ? "no" : "maybe" });
  }

  async function finished(path: string, ctx: RunContext): Promise<number> {
    for (;;) {
      const { state, step, steps, pictures } = await ask(ctx, "GET", path);
      if (state === "done" && typeof pictures === "number") return pictures;
      if (state !== "working" || typeof step !== "number" || typeof steps !== "number") throw unreadable();
      ctx.progress({ phase: "sampling", step, steps, fraction: step / steps });
      await pause(pollMs, undefined, { signal: ctx.signal });
    }
  }

  /** Fetched when the gateway opens it, and handed on piece by piece. */
  const picture = (path: string, ctx: RunContext): ImageOut => ({
    data: {
      as: "bytes",
      async *open() {
        const { status, body } = await send(ctx, "GET", path);
        if (status !== 200) throw unreadable();
        yield* body;
      },
    },
  });

  return {
    id: "studio",
    models: () => [CARD],
    async run(task, ctx) {
      let path: string | undefined;
      try {
        if (task.op !== "generate") {
          throw new ProviderError("invalid_request", "The studio draws prompts only.", { started: "no" });
        }
        const { model, prompt, n, seed, size } = task;
        const sides = typeof size === "object" ? size : undefined;
        const { id } = await ask(ctx, "POST", "/jobs", { model, prompt, count: n, seed, ...sides });
        if (typeof id !== "string") throw unreadable();
        path = `/jobs/${encodeURIComponent(id)}`;
        const made = Math.min(await finished(path, ctx), n);
        if (made === 0) throw unreadable();
        const images = Array.from({ length: made }, (_, at) => picture(`${path}/pictures/${at}`, ctx));
        const short = { param: "n", message: `the studio made ${made} of ${n} pictures` };
        return { images, meta: () => (made < n ? { warnings: [short] } : {}) };
      } catch (error) {
        if (!ctx.signal.aborted) throw described(error, path !== undefined);
        // Not on the aborted signal, and not waited for: the caller has gone.
        const way = { http: ctx.http, signal: AbortSignal.timeout(1_000) };
        if (path !== undefined) ask(way, "DELETE", path).catch(() => {});
        throw new ProviderError("cancelled", "The request was cancelled.", { started: "maybe" });
      }
    },
  };
}

const unreadable = () =>
  new ProviderError("protocol", "The studio's answer cannot be read.", { started: "yes" });

/** The only kind of error that leaves. Its message is shown to callers; the cause goes to the log. */
function described(error: unknown, hasBegun: boolean): ProviderError {
  const failed = ProviderError.is(error)
    ? error
    : new ProviderError("unavailable", "The studio cannot be reached.", {
        started: HttpError.is(error) ? error.started : "maybe",
        cause: error,
      });
  return hasBegun
    ? new ProviderError(failed.fault, failed.message, { ...failed.info, started: "yes" })
    : failed;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // As unreadable as JSON of another shape.
  }
  throw unreadable();
}
