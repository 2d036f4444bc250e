import { randomUUID } from "node:crypto";

import { WebSocket } from "ws";

import { contextClient } from "../../../lib/core/context-client";
import type { HttpClient } from "../../../lib/ports/http-client";
import type { Logger } from "../../../lib/ports/logger";
import type {
  ImageProvider,
  Progress,
  RunContext,
  RunResult,
  UpstreamRef,
} from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import type { TaskFields } from "../../../lib/ports/task";
import { type ComfyUIOptions, resolveOptions } from "../../../lib/providers/comfyui/options";
import { createProvider } from "../../../lib/providers/comfyui/provider";
import type { WebSocketOptions } from "../../../lib/providers/comfyui/server/web-socket";
import { TIMING, type Timing } from "../../../lib/providers/comfyui/timing";
import { createHttpClient } from "../../../lib/transport/http-client";
import { type Replay, type ReplayOptions, replay } from "./replay";

const { OPEN } = WebSocket;

type Provider = ImageProvider & { close(): Promise<void> };

/** What matters to the test in a context. */
type ContextGiven = Partial<Omit<RunContext, "http">> & { readonly http?: HttpClient };

/** Everything in the time of a test: what waits for seconds in life waits for milliseconds. */
export const QUICK: Timing = {
  ...TIMING,
  openMs: 500,
  pollMs: 20,
  silenceMs: 60_000,
  renewMs: 20,
  queueMs: 20,
  unreachableMs: 20_000,
  cancelMs: 1_000,
  reconnectMs: 5,
  reconnectCapMs: 20,
  restMs: 50,
};

/** Holds what a test opens, and closes it. */
export function createBench() {
  const http = createHttpClient();
  const closing: (() => unknown)[] = [];
  const sockets: WebSocket[] = [];
  const overlaps: number[] = [];
  class WatchedSocket extends WebSocket {
    constructor(url: string, options: WebSocketOptions) {
      super(url, options);
      overlaps.push(sockets.filter((other) => other.url === this.url && other.readyState === OPEN).length);
      sockets.push(this);
    }
  }
  const logged: { about: object; message: string }[] = [];
  const keep = (about: object, message: string) => void logged.push({ about, message });
  const log: Logger = { debug() {}, info() {}, warn: keep, error: keep };

  return {
    http,
    log,
    logged,
    /** The providers' own ends of their sockets. */
    sockets,
    /** For each of them: how many of the same address, client id included, were still open when it was made. */
    overlaps,
    async replay(name: string, options?: ReplayOptions): Promise<Replay> {
      const server = await replay(name, options);
      closing.push(() => server.close());
      return server;
    },
    provider(options: ComfyUIOptions, timing: Partial<Timing> = {}): Provider {
      const provider = createProvider(resolveOptions(options), WatchedSocket, { ...QUICK, ...timing });
      closing.unshift(() => provider.close());
      return provider;
    },
    /** A provider with one model, `m`, made of the graph that the recording's first run has. */
    for(server: Replay, timing: Partial<Timing> = {}, more: Partial<ComfyUIOptions> = {}): Provider {
      return this.provider(
        { url: server.url, workflows: { m: { workflow: server.graph } }, ...more },
        timing,
      );
    },
    context(given: ContextGiven = {}, controller = new AbortController()) {
      const { http: client = http, ...more } = given;
      const told: Progress[] = [];
      const refs: UpstreamRef[] = [];
      const context: RunContext = {
        http: contextClient(client, controller.signal),
        log,
        signal: controller.signal,
        jobId: "imgjob_0",
        requestId: "req_0",
        callKey: randomUUID(),
        deadline: Date.now() + 60_000,
        wantsPreviews: true,
        progress: (progress) => void told.push(progress),
        submitted: async (ref) => void refs.push(ref),
        ...more,
      };
      return Object.assign(context, { told, refs, controller });
    },
    async close(): Promise<void> {
      for (const close of closing.splice(0)) await close();
      http.close();
    },
  };
}

export function generate(more: Partial<TaskFields> = {}): { readonly op: "generate" } & TaskFields {
  return {
    op: "generate",
    model: "m",
    prompt: "a red cube",
    n: 1,
    deliver: "any",
    extra: Object.create(null),
    ...more,
  };
}

export async function pictures({ images }: RunResult): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const { data } of images) {
    if (data.as === "url") throw new Error("no bytes");
    const pieces: Uint8Array[] = [];
    for await (const piece of data.open()) pieces.push(piece);
    all.push(Buffer.concat(pieces));
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

const PATIENCE_MS = 10_000;

/** Resolves when it is so; fails when it never is, so that no test looks for ever. */
export async function until(isSo: () => unknown): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`not within ${PATIENCE_MS} ms: ${isSo}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
