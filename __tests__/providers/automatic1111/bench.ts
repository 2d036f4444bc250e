import { randomUUID } from "node:crypto";

import { contextClient } from "../../../lib/core/context-client";
import type { HttpClient } from "../../../lib/ports/http-client";
import type { Logger } from "../../../lib/ports/logger";
import type { ImageProvider, Progress, RunContext, RunResult } from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import type { InputImage, TaskFields } from "../../../lib/ports/task";
import { type Automatic1111Options, resolveOptions } from "../../../lib/providers/automatic1111/options";
import { PACE, type Pace } from "../../../lib/providers/automatic1111/pace";
import { createProvider } from "../../../lib/providers/automatic1111/provider";
import { createHttpClient } from "../../../lib/transport/http-client";
import type { HttpLimits } from "../../../lib/transport/limits";
import { type Reply, type Upstream, upstream } from "../../support/upstream";
import { startWebUI, type WebUI, type WebUIOptions } from "./web-ui";

type Provider = ImageProvider & { close(): Promise<void> };

/** What matters to the test in a context. */
type ContextGiven = Partial<Omit<RunContext, "http">> & { readonly http?: HttpClient };

/** What waits for seconds in life waits for milliseconds; what was asked is asked again each time. */
export const QUICK: Pace = { ...PACE, pollMs: 1, pollCapMs: 4, stopMs: 2_000, holdMs: 0 };

/** Holds what a test opens, and closes it. */
export function createBench(limits: Partial<HttpLimits> = {}) {
  const http = createHttpClient(limits);
  const closing: (() => unknown)[] = [];
  const logged: unknown[] = [];
  const keep = (about: object, message: string) => void logged.push({ about, message });
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep };

  return {
    http,
    logged,
    async webUI(options?: WebUIOptions): Promise<WebUI> {
      const server = await startWebUI(options);
      closing.push(() => server.close());
      return server;
    },
    async upstream(...script: [Reply, ...Reply[]]): Promise<Upstream> {
      const server = await upstream(...script);
      closing.push(() => server.close());
      return server;
    },
    provider(
      server: { readonly url: string },
      options: Partial<Automatic1111Options> = {},
      pace: Partial<Pace> = {},
    ): Provider {
      const provider = createProvider(resolveOptions({ url: server.url, ...options }), { ...QUICK, ...pace });
      closing.unshift(() => provider.close());
      return provider;
    },
    context(given: ContextGiven = {}, controller = new AbortController()) {
      const { http: client = http, ...more } = given;
      const told: Progress[] = [];
      const context: RunContext = {
        http: contextClient(client, controller.signal),
        log,
        signal: controller.signal,
        jobId: "imgjob_0",
        requestId: "req_0",
        callKey: randomUUID(),
        deadline: Date.now() + 60_000,
        wantsPreviews: false,
        progress: (progress) => void told.push(progress),
        submitted: async () => {},
        ...more,
      };
      return Object.assign(context, { told, controller });
    },
    async close(): Promise<void> {
      for (const close of closing.splice(0)) await close();
      http.close();
    },
  };
}

export type Bench = ReturnType<typeof createBench>;

export function generate(more: Partial<TaskFields> = {}): { readonly op: "generate" } & TaskFields {
  return {
    op: "generate",
    model: "sd_xl_base_1.0",
    prompt: "a red cube",
    n: 1,
    deliver: "any",
    extra: Object.create(null),
    ...more,
  };
}

export const inputImage = (bytes: Uint8Array, type = "image/png"): InputImage => ({
  name: "picture",
  type,
  length: bytes.length,
  async *open() {
    yield bytes;
  },
});

export async function pictures({ images }: RunResult): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const { data } of images) {
    if (data.as !== "base64") throw new Error("no base64");
    const pieces: Uint8Array[] = [];
    for await (const piece of data.open()) pieces.push(piece);
    all.push(Buffer.from(Buffer.concat(pieces).toString(), "base64"));
  }
  return all;
}

export async function failure(work: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  );
  if (!ProviderError.is(error)) throw new Error(`no ProviderError but ${String(error)}`);
  return error;
}
