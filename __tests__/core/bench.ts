import {
  type Candidate,
  GatewayError,
  type HttpClient,
  HttpError,
  type ImageProvider,
  type ImageRequest,
  type ImageStore,
  type JobRecord,
  type Logger,
  type ModelCard,
  type Principal,
} from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { memoryStore } from "express-image-gateway/stores/memory";
import { createAccess } from "../../lib/core/callers/access";
import { type Caller, knownCaller } from "../../lib/core/callers/caller";
import { contextClient } from "../../lib/core/context-client";
import { createSpares } from "../../lib/core/pictures/spares";
import { createPipeline, type Pipeline, type PipelineOptions } from "../../lib/core/pipeline";
import { createPreviewFeed, type PreviewFeed } from "../../lib/core/progress/preview-feed";
import { arrayRegistry } from "../../lib/core/registry/array-registry";
import type { JobQueue } from "../../lib/ports";

export interface LogLine {
  readonly level: string;
  readonly about: object;
  readonly message: string;
}

export function recordingLog(): { readonly lines: LogLine[]; readonly log: Logger } {
  const lines: LogLine[] = [];
  const at = (level: string) => (about: object, message: string) =>
    void lines.push({ level, about, message });
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

/** For tests in which nobody goes out. */
export const noHttp: HttpClient = {
  request: () => Promise.reject(new HttpError("blocked", "no", "no network here")),
};

export const request = (more: Partial<ImageRequest> = {}): ImageRequest => ({
  op: "generate",
  model: "test-model",
  prompt: "a red cube",
  n: 1,
  unknown: Object.create(null),
  ...more,
});

export const candidate = (provider: ImageProvider, card: Partial<ModelCard> = {}): Candidate => ({
  provider,
  card: { id: "test-model", ...card },
});

/** A store that knows what it holds. */
export interface WatchedStore extends ImageStore {
  readonly written: string[];
  kept(): Promise<readonly string[]>;
}

export function watchedStore(store: ImageStore = memoryStore()): WatchedStore {
  const written: string[] = [];
  return {
    written,
    async kept() {
      const found = await Promise.all(written.map((key) => store.stat(key)));
      return found.flatMap((image) => (image === undefined ? [] : [image.key]));
    },
    async reserve(request) {
      const reservation = await store.reserve(request);
      return {
        async write(image) {
          const stored = await reservation.write(image);
          written.push(stored.key);
          return stored;
        },
        release: () => reservation.release(),
      };
    },
    stat: (key) => store.stat(key),
    read: (key, options) => store.read(key, options),
    delete: (keys) => store.delete(keys),
    close: () => store.close?.(),
  };
}

export interface Bench {
  readonly pipeline: Pipeline<Principal>;
  readonly queue: JobQueue;
  readonly store: WatchedStore;
  readonly previews: PreviewFeed;
  readonly lines: LogLine[];
  readonly ann: Caller;
  admit(more?: Partial<ImageRequest>, by?: Caller): Promise<JobRecord>;
  /** Admits and waits for the end. */
  run(more?: Partial<ImageRequest>): Promise<JobRecord>;
  ended(id: string): Promise<JobRecord>;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;

export interface BenchSetup extends Partial<PipelineOptions<Principal>> {
  readonly image?: WatchedStore;
}

/** The pipeline over the embedded queue and store, with nothing around it. */
export function createBench(providers: readonly ImageProvider[], setup: BenchSetup = {}): Bench {
  const { lines, log } = recordingLog();
  const queue = setup.queue ?? memoryJobs();
  const store = setup.image ?? watchedStore();
  const spares = createSpares({ store, clock: Date.now });
  const previews = createPreviewFeed();
  const pipeline = createPipeline<Principal>({
    access: createAccess({
      identity: { authenticate: () => null },
      capabilities: { has: () => true },
      log,
    }),
    registry: arrayRegistry({
      providers,
      probe: (signal) => ({ signal, http: contextClient(noHttp, signal), log }),
      clock: Date.now,
      log,
    }),
    queue,
    store: spares.store,
    spares,
    previews,
    http: noHttp,
    fetcher: noHttp,
    clock: Date.now,
    log,
    rules: { strict: false, promptChars: undefined },
    jobLimits: { running: 4, queued: 32 },
    times: {
      waitedFor: { queueMs: 30_000, runMs: 600_000 },
      async: { queueMs: 900_000, runMs: 1_800_000 },
    },
    graceMs: 10_000,
    onDisconnect: {},
    keepResults: false,
    adoptsOrphans: true,
    limits: {
      attemptMs: 300_000,
      imageBytes: 1024 * 1024,
      progressPerSecond: 10,
      previewsPerSecond: 2,
      previewBytes: 256 * 1024,
    },
    ...setup,
  });
  const ann = knownCaller({ id: "ann" });
  const admit: Bench["admit"] = async (more, by = ann) =>
    (await pipeline.admit({ caller: by, request: request(more), requestId: "req_1", signal: NEVER })).job;
  const ended = (id: string) => pipeline.ended(id, NEVER);
  return {
    pipeline,
    queue,
    store,
    previews,
    lines,
    ann,
    admit,
    ended,
    run: async (more) => ended((await admit(more)).id),
    async close() {
      await queue.close({ timeoutMs: 0 });
      pipeline.close();
      await store.close?.();
    },
  };
}

/** What the promise rejects with, which must be an error of ours. */
export async function refusalOf(work: Promise<unknown> | (() => unknown)): Promise<GatewayError> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (GatewayError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** A promise and the way to fulfil it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
