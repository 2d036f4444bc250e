import type { Server } from "socket.io";
import { sharpConverter } from "../convert/sharp";
import { askRegistry } from "../core/admission/select";
import { type AccessOptions, createAccess } from "../core/callers/access";
import { ownedJobs } from "../core/callers/owned-jobs";
import { contextClient } from "../core/context-client";
import { probeHealth } from "../core/health";
import { createInputs } from "../core/pictures/inputs";
import { createLinkSigner } from "../core/pictures/signed-links";
import { createSpares } from "../core/pictures/spares";
import { createPipeline } from "../core/pipeline";
import { createPreviewFeed } from "../core/progress/preview-feed";
import { arrayRegistry } from "../core/registry/array-registry";
import type { ExpressMiddleware } from "../http/express-middleware";
import { linkSource } from "../http/links";
import { createRouter } from "../http/router";
import { memoryJobs } from "../jobs/memory";
import type { Health, ImageProvider, ModelCard, Principal, ProbeContext, ProviderRegistry } from "../ports";
import { createRealtime } from "../realtime";
import { diskStore } from "../stores/disk";
import { createGuardedClient } from "../transport/guarded-client";
import { createHttpClient } from "../transport/http-client";
import { editRequest, generationParser, variationRequest } from "../wire/request";
import { directGeneration } from "./direct";
import type { Generate } from "./generate";
import { harmless, jsonLogger } from "./json-logger";
import { createLifecycle } from "./lifecycle";
import { createNotifier } from "./notices";
import type { ResolvedOptions } from "./options";
import { releaseAll } from "./release";
import { createUnderway } from "./underway";
import { warnOfRisks } from "./warn-of-risks";

export interface GatewayHealth {
  readonly status: "starting" | "ready" | "failed" | "closing" | "closed";
  /** By provider id; only of providers that the gateway was given in an array. */
  readonly providers: Readonly<Record<string, Health>>;
}

export interface ImageGateway<P extends Principal> {
  /** Mount it where clients expect it: `app.use("/v1", images.router)`. */
  readonly router: ExpressMiddleware;
  /**
   * Opens the progress namespace on the host's Socket.IO server.
   *
   * @throws Error when the namespace is taken, TypeError for what is no Socket.IO server
   */
  attach(io: Server): void;
  /** Resolves when requests are served; rejects with what made the start fail. */
  ready(): Promise<void>;
  /** The models that this principal may ask for. @throws GatewayError `registry_unavailable` */
  models(principal: P): Promise<readonly ModelCard[]>;
  /** Generates from inside the host. @throws GatewayError */
  readonly generate: Generate<P>;
  health(): Promise<GatewayHealth>;
  /** Lets all sockets of a principal go, on every machine that shares the Socket.IO adapter. */
  disconnectPrincipal(id: string): void;
  /**
   * Turns new work away, waits for what runs up to `timeoutMs` (default 25,000), says goodbye to the sockets and releases every timer,
   * connection and temporary file of ours, the given providers, store and jobs included. The host's server, io and connections
   * stay. What cannot be released is logged. Idempotent; never rejects.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

const DRAIN_MS = 25_000;
/** A day; a timer does not count to everything. */
const MAX_DRAIN_MS = 86_400_000;
/** What a webhook has for its answer. */
const NOTICE_ANSWER_MS = 10_000;
/** What a start or an answer under way is given at least, however short the time to drain. */
const LEAST_MS = 1_000;
/** What a queue may need beyond the time to drain, until work that was told to stop has. */
const QUEUE_GRACE_MS = 5_000;

/** Puts the rooms together. The only place that knows all of them. */
export function composeGateway<P extends Principal>(
  options: ResolvedOptions<P>,
  identity: AccessOptions<P>["identity"],
): ImageGateway<P> {
  const { limits, publicUrl } = options;
  const log = harmless(options.logger ?? jsonLogger());
  const now = () => Date.now();
  const store = options.store ?? diskStore();
  const spares = createSpares({ store, clock: now });
  const queue = options.jobs ?? memoryJobs();
  const converter = options.converter === false ? undefined : (options.converter ?? sharpConverter(log));
  const { connectMs, firstByteMs, idleMs, attemptMs: totalMs } = limits;
  const http = createHttpClient({ connectMs, firstByteMs, idleMs, totalMs });
  const fetcher = createGuardedClient({ allow: options.imageHosts, limits: { connectMs, idleMs } });
  const probe = (signal: AbortSignal): ProbeContext => ({
    signal,
    http: contextClient(http, signal),
    log,
  });
  const own: readonly ImageProvider[] = isRegistry(options.providers) ? [] : options.providers;
  const registry: ProviderRegistry<P> = isRegistry(options.providers)
    ? options.providers
    : arrayRegistry({ providers: own, models: options.models, probe, clock: now, log });

  const access = createAccess<P>({ identity, capabilities: options.capabilities, log });
  const previews = createPreviewFeed(queue.previews);
  const jobs = ownedJobs<P>(queue);
  const images = { images: limits.imagesPerRequest, webhooks: options.webhooks !== undefined };
  const parse = generationParser(images);
  const pictureRequests = { edit: editRequest(images), variation: variationRequest(images) };
  const inputs = createInputs({ store, limits, log, jobsOutlive: queue.isShared === true });
  const signer = createLinkSigner(options.links.keys);
  const signLinks = linkSource({ store, signer, ttlMs: options.links.ttlSeconds * 1000, now });
  const pipeline = createPipeline<P>({
    access,
    registry,
    queue,
    store: spares.store,
    spares,
    previews,
    http,
    fetcher,
    converter,
    limits,
    clock: now,
    log,
    rules: { strict: options.strict, promptChars: limits.promptChars, converter },
    jobLimits: { running: limits.runningPerPrincipal, queued: limits.queuedPerPrincipal },
    times: {
      waitedFor: { queueMs: limits.queueWaitMs, runMs: limits.jobMs },
      async: { queueMs: limits.asyncQueueWaitMs, runMs: limits.asyncJobMs },
    },
    graceMs: options.disconnectGraceMs,
    onDisconnect: options.onDisconnect,
    keepResults: options.keepResults,
    adoptsOrphans: options.attachRetries,
  });
  const notices = createGuardedClient({
    allow: options.webhookHosts,
    posts: true,
    limits: { connectMs, idleMs, firstByteMs: NOTICE_ANSWER_MS },
  });
  if (options.webhooks !== undefined) {
    queue.notify?.(createNotifier({ signer: options.webhooks, http: notices, clock: now, log }));
  }
  const underway = createUnderway();
  warnOfRisks(options, "anonymous" in identity, log);
  const lifecycle = createLifecycle(async () => {
    await store.ready?.();
    await queue.ready?.();
  }, log);
  const refusal = lifecycle.refusal;
  const realtime = createRealtime<P>({
    namespace: options.namespace,
    access,
    jobs,
    queue,
    previews,
    limits: {
      eventsPerSecond: limits.socketEventsPerSecond,
      eventBurst: limits.socketEventBurst,
      subscriptionsPerSocket: limits.subscriptionsPerSocket,
      socketsPerPrincipal: limits.socketsPerPrincipal,
    },
    log,
    refusal: () => refusal(false),
  });

  const close = (timeoutMs: number) => {
    const end = performance.now() + timeoutMs;
    const jobs = {
      name: "jobs",
      release: () => queue.close({ timeoutMs, readers: underway.settled() }),
      limitMs: timeoutMs + QUEUE_GRACE_MS,
    };
    return lifecycle.close({
      startMs: Math.max(LEAST_MS, timeoutMs),
      drain: () => releaseAll([jobs], log),
      release: async () => {
        // The jobs have ended; their answers may still be on the way out of the store.
        await underway.finish(Math.max(LEAST_MS, end - performance.now()));
        await releaseAll(parts, log);
      },
    });
  };
  const parts = [
    { name: "realtime", release: () => realtime.close() },
    { name: "pipeline", release: () => pipeline.close() },
    { name: "inputs", release: () => inputs.close() },
    ...own.map((provider) => ({ name: provider.id, release: () => provider.close?.() })),
    { name: "http", release: () => http.close() },
    { name: "fetcher", release: () => fetcher.close() },
    { name: "notices", release: () => notices.close() },
    { name: "store", release: () => store.close?.() },
  ];

  return {
    router: createRouter<P>({
      access,
      registry,
      pipeline,
      jobs,
      previews,
      store: spares.store,
      signer,
      signLinks,
      parse,
      pictureRequests,
      inputs,
      publicUrl,
      log,
      now,
      refusal,
      underway: underway.track,
      body: { maxBytes: limits.bodyBytes, log },
      upload: { limits, fetcher, log },
      modelsRoute: options.modelsRoute,
      crossOriginResourcePolicy: options.links.crossOriginResourcePolicy,
    }),
    attach(io) {
      if (typeof io?.of !== "function")
        throw new TypeError(`attach() takes a Socket.IO server: new Server(httpServer).`);
      realtime.attach(io);
    },
    ready: () => lifecycle.ready(),
    models: async (principal) =>
      askRegistry(log, new AbortController().signal, ({ signal }) => registry.list({ principal, signal })),
    generate: directGeneration<P>({
      pipeline,
      jobs,
      store: spares.store,
      signLinks,
      parse,
      publicUrl,
      underway,
      log,
      refusal,
    }),
    health: async () => ({ status: lifecycle.state, providers: await probeHealth(own, probe) }),
    disconnectPrincipal: (id) => realtime.disconnectPrincipal(id),
    close: ({ timeoutMs = DRAIN_MS } = {}) => close(Math.min(timeoutMs, MAX_DRAIN_MS)),
  };
}

const isRegistry = <P extends Principal>(
  providers: readonly ImageProvider[] | ProviderRegistry<P>,
): providers is ProviderRegistry<P> => "candidates" in providers;
