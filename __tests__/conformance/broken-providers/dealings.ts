import { get } from "node:http";

import type { ImageOut, ImageTask, RunResult } from "../../../lib/ports";
import { ProviderError } from "../../../lib/ports";
import { KEY, ORIGIN } from "../atelier/upstream";
import { type BrokenProvider, broken, changed, withContext, withError, withHttp, withResult } from "./broken";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:47";

const promptOf = (task: ImageTask): string => (task.op === "variation" ? "" : task.prompt);

const rule7: readonly BrokenProvider[] = [
  broken(
    7,
    "the address is named in errors",
    withError((error, { signal }) => {
      if (signal.aborted) throw error;
      throw new ProviderError(error.fault, `${error.message} (${ORIGIN})`, error.info);
    }),
  ),
  broken(
    7,
    "the key is named in codes",
    withError(({ fault, message, info }) => {
      throw new ProviderError(fault, message, { ...info, upstreamCode: `refused ${KEY}` });
    }),
  ),
  broken(7, "the prompt before is named in errors", (provider) => {
    let last = "";
    return {
      run: async (task, ctx) => {
        try {
          return await provider.run(task, ctx);
        } catch (error) {
          if (!ProviderError.is(error)) throw error;
          throw new ProviderError(error.fault, `${error.message} (after '${last}')`, error.info);
        } finally {
          last = promptOf(task);
        }
      },
    };
  }),
  broken(
    7,
    "the key is named in warnings",
    withResult((result) => ({
      ...result,
      meta: () => ({ warnings: [...(result.meta().warnings ?? []), { message: `used ${KEY}` }] }),
    })),
  ),
];

const rule8: readonly BrokenProvider[] = [
  broken(
    8,
    "every address gets the key",
    withHttp((request) => ({ ...request, headers: { authorization: `Bearer ${KEY}` } })),
  ),
  broken(
    8,
    "redirects are followed with the key",
    withContext((ctx) =>
      changed(ctx, {
        http: {
          async request(request) {
            const response = await ctx.http.request(request);
            const { location } = { location: response.headers["location"] };
            return location === undefined ? response : ctx.http.request({ ...request, url: location });
          },
        },
      }),
    ),
  ),
];

const rule9: readonly BrokenProvider[] = [
  broken(9, "one card is there twice", (provider) => ({
    models: async (ctx) => {
      const cards = await provider.models(ctx);
      return [...cards, ...cards];
    },
  })),
  broken(9, "run waits for models", (provider) => {
    let isKnown = false;
    return {
      models: async (ctx) => {
        const cards = await provider.models(ctx);
        isKnown = true;
        return cards;
      },
      run: async (task, ctx) => {
        if (!isKnown) throw new ProviderError("not_found", "No model is known.", { started: "no" });
        return provider.run(task, ctx);
      },
    };
  }),
  broken(9, "run is closed while models fails", (provider) => {
    let isFailing = false;
    return {
      models: async (ctx) => {
        isFailing = true;
        const cards = await provider.models(ctx);
        isFailing = false;
        return cards;
      },
      run: async (task, ctx) => {
        if (isFailing) throw new ProviderError("unavailable", "No model is known.", { started: "no" });
        return provider.run(task, ctx);
      },
    };
  }),
];

const rule10: readonly BrokenProvider[] = [
  broken(10, "it has a way of its own", (provider) => ({
    run: (task, ctx) => {
      get(NOWHERE).on("error", () => {});
      return provider.run(task, ctx);
    },
  })),
  broken(10, "it fetches by itself", (provider) => ({
    run: (task, ctx) => {
      fetch(NOWHERE).catch(() => {});
      return provider.run(task, ctx);
    },
  })),
];

const rule11: readonly BrokenProvider[] = [
  broken(
    11,
    "answers may have any length",
    withHttp((request) => ({ ...request, maxBytes: Number.POSITIVE_INFINITY })),
  ),
  broken(
    11,
    "leaving early leaves an answer unread",
    withResult((result, _task, { http }) => {
      const all = result.images;
      const images = async function* (): AsyncGenerator<ImageOut> {
        let isRead = false;
        try {
          yield* all;
          isRead = true;
        } finally {
          const signal = new AbortController().signal;
          if (!isRead)
            await http.request({ method: "GET", url: `${ORIGIN}/models`, signal, maxBytes: 1_000 });
        }
      };
      return { ...result, images: images() };
    }),
  ),
];

const rule12: readonly BrokenProvider[] = [
  broken(
    12,
    "the prompt is pasted into the request",
    withHttp((request, task) =>
      request.method === "POST" && task.op === "generate"
        ? { ...request, body: `{"prompt":"${task.prompt}","n":${task.n}}` }
        : request,
    ),
  ),
  broken(
    12,
    "the prompt is sent as it is",
    withHttp((request, task) =>
      request.method === "POST" && task.op === "generate"
        ? { ...request, body: JSON.stringify({ prompt: task.prompt, n: task.n }) }
        : request,
    ),
  ),
];

const rule13: readonly BrokenProvider[] = [
  broken(
    13,
    "the work is not named",
    withContext((ctx) => changed(ctx, { submitted: async () => {} })),
  ),
  broken(
    13,
    "the work is named as another's",
    withContext((ctx) => changed(ctx, { submitted: (ref) => ctx.submitted({ ...ref, provider: "other" }) })),
  ),
  {
    rule: 13,
    how: "resume is promised and missing",
    create: () => {
      const { resume: _promised, ...provider } = broken(13, "", () => ({})).create();
      return provider;
    },
  },
  broken(13, "resume begins anew", (provider) => ({
    resume: (_ref, task, ctx): Promise<RunResult> => provider.run(task, ctx),
  })),
  broken(13, "resume hears no abort", (provider) => ({
    resume: async (ref, task, ctx) => {
      const { signal } = new AbortController();
      return (await provider.resume?.(ref, task, changed(ctx, { signal }))) ?? provider.run(task, ctx);
    },
  })),
  broken(13, "cancel only says so", () => ({ cancel: async () => "stopped" })),
  broken(13, "cancel fails for what it does not know", (provider) => ({
    cancel: async (ref, ctx) => {
      const report = await provider.cancel?.(ref, ctx);
      if (report === undefined || report === "unknown") throw new Error("unknown work");
      return report;
    },
  })),
];

export const brokenDealings: readonly BrokenProvider[] = [
  ...rule7,
  ...rule8,
  ...rule9,
  ...rule10,
  ...rule11,
  ...rule12,
  ...rule13,
];
