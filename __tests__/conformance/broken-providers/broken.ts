import type {
  ContextHttpRequest,
  HttpResponse,
  ImageOut,
  ImageProvider,
  ImageTask,
  RunContext,
  RunResult,
} from "../../../lib/ports";
import { ProviderError } from "../../../lib/ports";
import { atelier } from "../atelier/provider";

/** A provider that breaks one rule, and one only. */
export interface BrokenProvider {
  readonly rule: number;
  readonly how: string;
  readonly create: () => ImageProvider;
}

export const broken = (
  rule: number,
  how: string,
  spoil: (provider: ImageProvider) => Partial<ImageProvider>,
): BrokenProvider => ({
  rule,
  how,
  create: () => {
    const provider = atelier();
    return { ...provider, ...spoil(provider) };
  },
});

type Spoil = (provider: ImageProvider) => Pick<ImageProvider, "run">;

/** Not a mere copy: that would settle once and for all whether somebody looks. */
export const changed = (ctx: RunContext, change: Partial<RunContext>): RunContext => ({
  ...ctx,
  get wantsPreviews() {
    return ctx.wantsPreviews;
  },
  ...change,
});

export const withContext =
  (change: (ctx: RunContext, task: ImageTask) => RunContext): Spoil =>
  (provider) => ({ run: (task, ctx) => provider.run(task, change(ctx, task)) });

export const withTask =
  (change: (task: ImageTask) => ImageTask): Spoil =>
  (provider) => ({ run: (task, ctx) => provider.run(change(task), ctx) });

/** Changes how requests go out. */
export const withHttp = (
  change: (request: ContextHttpRequest, task: ImageTask) => ContextHttpRequest | Promise<HttpResponse>,
): Spoil =>
  withContext((ctx, task) =>
    changed(ctx, {
      http: {
        request(request) {
          const next = change(request, task);
          return next instanceof Promise ? next : ctx.http.request(next);
        },
      },
    }),
  );

export const withResult =
  (change: (result: RunResult, task: ImageTask, ctx: RunContext) => RunResult): Spoil =>
  (provider) => ({ run: async (task, ctx) => change(await provider.run(task, ctx), task, ctx) });

/** Makes something else of what `run` rejects with; what is no ProviderError does not happen. */
export const withError =
  (
    change: (error: ProviderError, ctx: RunContext, task: ImageTask) => Promise<RunResult> | RunResult,
  ): Spoil =>
  (provider) => ({
    run: (task, ctx) =>
      provider.run(task, ctx).catch((error: unknown) => {
        if (!ProviderError.is(error)) throw error;
        return change(error, ctx, task);
      }),
  });

/** Changes the bytes of every picture. */
export const withBytes = (change: (piece: Uint8Array, nth: number) => Uint8Array): Spoil =>
  withResult((result) => ({ ...result, images: changedImages(result.images, change) }));

async function* changedImages(
  images: RunResult["images"],
  change: (piece: Uint8Array, nth: number) => Uint8Array,
): AsyncGenerator<ImageOut> {
  for await (const { data, ...about } of images) {
    if (data.as === "url") throw new Error("no bytes");
    const open = async function* () {
      let nth = 0;
      for await (const piece of data.open()) yield change(piece, nth++);
    };
    yield { ...about, data: { as: "bytes", open } };
  }
}
