import type { ImageOut, RunContext, RunResult } from "../../../lib/ports";
import { ProviderError } from "../../../lib/ports";
import { madeUp } from "../../../lib/testing/provider/wire";
import { KEY, ORIGIN } from "../atelier/upstream";
import { type BrokenProvider, broken, changed, withContext, withError, withHttp, withResult } from "./broken";

const calm = (): AbortSignal => new AbortController().signal;

const request = (method: "GET" | "DELETE", path: string) => ({
  method,
  url: `${ORIGIN}${path}`,
  headers: { authorization: `Bearer ${KEY}` },
  signal: calm(),
  maxBytes: 1_000,
});

const onAbort = (then: (ctx: RunContext) => unknown) =>
  withError(async (error, ctx) => {
    if (ctx.signal.aborted) await then(ctx);
    throw error;
  });

const rule3: readonly BrokenProvider[] = [
  broken(
    3,
    "an abort that came before is not seen",
    withContext((ctx) => (ctx.signal.aborted ? changed(ctx, { signal: calm() }) : ctx)),
  ),
  broken(
    3,
    "no abort is heard",
    withContext((ctx) => changed(ctx, { signal: calm() })),
  ),
  broken(
    3,
    "an abort is called a timeout",
    withError((error, { signal }) => {
      throw signal.aborted ? new ProviderError("timeout", error.message, error.info) : error;
    }),
  ),
  broken(
    3,
    "an abort leaves an answer unread",
    onAbort(({ http }) => http.request(request("GET", "/models"))),
  ),
  broken(
    3,
    "an abort waits for whom it tells",
    onAbort(async ({ http }) => {
      const { body } = await http.request(request("DELETE", "/jobs/last"));
      for await (const _piece of body);
    }),
  ),
  broken(
    3,
    "an abort is told to nobody",
    withHttp((asked) => (asked.method === "DELETE" ? Promise.resolve(madeUp(200, "{}")) : asked)),
  ),
];

const lateReport = (ctx: RunContext) => setImmediate(() => ctx.progress({ phase: "saving" }));

const rule4: readonly BrokenProvider[] = [
  broken(
    4,
    "fractions are percentages",
    withContext((ctx) =>
      changed(ctx, {
        progress: ({ fraction = 0, ...more }) => ctx.progress({ ...more, fraction: fraction * 100 }),
      }),
    ),
  ),
  broken(
    4,
    "only the phase is told",
    withContext((ctx) =>
      changed(ctx, {
        progress: ({ phase, preview }) => ctx.progress({ phase, ...(preview && { preview }) }),
      }),
    ),
  ),
  broken(
    4,
    "the end is reported after it",
    withResult((result, _task, ctx) => ({
      ...result,
      images: (async function* () {
        yield* result.images;
        lateReport(ctx);
      })(),
    })),
  ),
  broken(4, "an abort is reported after it", onAbort(lateReport)),
  broken(
    4,
    "previews come unasked",
    withContext((ctx) => changed(ctx, { wantsPreviews: true })),
  ),
  broken(
    4,
    "no preview ever comes",
    withContext((ctx) => changed(ctx, { wantsPreviews: false })),
  ),
  broken(
    4,
    "whether somebody looks is asked once",
    withContext((ctx) => ({ ...ctx })),
  ),
  broken(
    4,
    "previews are no pictures",
    withContext((ctx) =>
      changed(ctx, {
        progress: ({ preview, ...more }) =>
          ctx.progress({ ...more, ...(preview && { preview: { ...preview, bytes: Buffer.from("soon") } }) }),
      }),
    ),
  ),
];

const rule5: readonly BrokenProvider[] = [
  broken(5, "the last call hears for all", (provider) => {
    let last: RunContext | undefined;
    return {
      run: (task, ctx) => {
        last = ctx;
        return provider.run(task, changed(ctx, { progress: (progress) => last?.progress(progress) }));
      },
    };
  }),
  broken(5, "calls at the same time share their pictures", (provider) => {
    let shared: Promise<RunResult> | undefined;
    return {
      run: (task, ctx) => {
        if (task.n > 1 || ctx.signal.aborted) return provider.run(task, ctx);
        shared ??= provider.run(task, ctx).finally(() => {
          shared = undefined;
        });
        return shared;
      },
    };
  }),
  broken(5, "the prompt is lost", (provider) => ({
    run: (task, ctx) => provider.run(task.op === "generate" ? { ...task, prompt: "a house" } : task, ctx),
  })),
  broken(5, "one abort is for all", (provider) => {
    let all = new AbortController();
    let running = 0;
    return {
      run: async (task, ctx) => {
        if (running++ === 0) all = new AbortController();
        ctx.signal.addEventListener("abort", () => all.abort(), { once: true });
        if (ctx.signal.aborted) all.abort();
        try {
          return await provider.run(task, changed(ctx, { signal: all.signal }));
        } finally {
          running -= 1;
        }
      },
    };
  }),
];

const rule6: readonly BrokenProvider[] = [
  broken(6, "buffers are used again", (provider) => {
    const handed: Uint8Array[] = [];
    let running = 0;
    return {
      run: async (task, ctx) => {
        if (running++ === 0) for (const piece of handed.splice(0)) piece.fill(0);
        try {
          const result = await provider.run(task, ctx);
          return { ...result, images: remembering(result.images, handed) };
        } finally {
          running -= 1;
        }
      },
    };
  }),
  broken(6, "a preview is drawn over the one before", (provider) => ({
    run: (task, ctx) => {
      const canvas = Buffer.alloc(1_000);
      const progress: RunContext["progress"] = ({ preview, ...more }) => {
        if (preview === undefined) return ctx.progress(more);
        const bytes = canvas.subarray(0, preview.bytes.length);
        bytes.set(preview.bytes);
        bytes.set([more.step ?? 0], bytes.length - 1);
        return ctx.progress({ ...more, preview: { ...preview, bytes } });
      };
      return provider.run(task, changed(ctx, { progress }));
    },
  })),
];

async function* remembering(images: RunResult["images"], handed: Uint8Array[]): AsyncGenerator<ImageOut> {
  for await (const { data, ...about } of images) {
    if (data.as === "url") throw new Error("no bytes");
    const open = async function* () {
      for await (const piece of data.open()) {
        handed.push(piece);
        yield piece;
      }
    };
    yield { ...about, data: { as: "bytes", open } };
  }
}

export const brokenRunning: readonly BrokenProvider[] = [...rule3, ...rule4, ...rule5, ...rule6];
