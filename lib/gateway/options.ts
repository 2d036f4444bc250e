import type { ModelOptions } from "../core/registry/model-options";
import type {
  Authenticate,
  CapabilityCheck,
  CapabilityResolver,
  ImageConverter,
  ImageProvider,
  ImageStore,
  JobQueue,
  Logger,
  Op,
  Principal,
  ProviderRegistry,
  WebhookSigner,
} from "../ports";
import { checkOnDisconnect, type OnDisconnect } from "./disconnect-check";
import type { LimitOptions, Limits } from "./limits";
import { checkLimits } from "./limits-check";
import type { LinkOptions } from "./link-options";
import { checkLinks, type ResolvedLinks } from "./links-check";
import { checkModels } from "./models-check";
import {
  checkFlag,
  checkHosts,
  checkMethods,
  checkNames,
  checkProviders,
  checkPublicUrl,
  checkWhole,
  fail,
} from "./options-check";
import { checkShared } from "./shared-check";

/** A day. */
const MAX_GRACE_MS = 86_400_000;

interface SharedOptions<P extends Principal> {
  /** Who may do what. Asked for the capability `images` on every route. */
  readonly capabilities: CapabilityResolver<P> | CapabilityCheck<P>;
  /** The providers in order of preference, or a registry of the host's own. */
  readonly providers: readonly ImageProvider[] | ProviderRegistry<P>;
  /** How the models of the array are named, routed and shown. */
  readonly models?: ModelOptions<P>;
  /** Default: `diskStore()` in a private temporary folder. Closed with the gateway. */
  readonly store?: ImageStore;
  /** Default: `memoryJobs()`. Closed with the gateway. */
  readonly jobs?: JobQueue;
  /**
   * Makes the `output_format` that a model cannot. Default: with the optional package sharp, where it is installed; `false`: pictures stay what the
   * models make.
   */
  readonly converter?: ImageConverter | false;
  /** Lets callers name a `webhook` that is told of the end of their job, such as `standardWebhooks({ secret })`. Default: they may not. */
  readonly webhooks?: WebhookSigner;
  /** Private `host` or `host:port` names that callers may name as webhooks. Default none. */
  readonly webhookHosts?: readonly string[];
  /** Socket.IO namespace. Default `/image-progress`. */
  readonly namespace?: string;
  /** What clients use as base URL, mount path included, such as `https://img.example.com/v1`. Default: as the request was addressed. */
  readonly publicUrl?: string;
  readonly links?: LinkOptions;
  /**
   * Private `host` or `host:port` names that the gateway may fetch pictures from, whether an upstream or a caller (JSON edits) names the
   * address. Default none.
   */
  readonly imageHosts?: readonly string[];
  /** `false`: `GET /models` stays the host's. Default `true`. */
  readonly modelsRoute?: boolean;
  /** `true`: fields that a model does not know are refused instead of ignored with a warning. Default `false`. */
  readonly strict?: boolean;
  /** How long a job goes on after its waiting caller has left, in milliseconds; 0 = not at all. Default 10,000. */
  readonly disconnectGraceMs?: number;
  /**
   * What then happens to the job: `cancel` it, or `finish` it and keep its pictures, to be fetched by id. One value for all requests, or one for
   * each kind of request. A model card overrides it. Default `cancel`.
   */
  readonly onDisconnect?: OnDisconnect | Readonly<Partial<Record<Op, OnDisconnect>>>;
  /**
   * `false`: a retry that an OpenAI SDK has marked as such is a request like any other. By default it takes over the job that its first attempt has
   * left, instead of paying for another one.
   */
  readonly attachRetries?: boolean;
  /**
   * `true` stores every picture until it expires, so that each job can be read again. Otherwise base64 pictures go straight to the caller and are
   * dropped once delivered. Default `false`.
   */
  readonly keepResults?: boolean;
  readonly limits?: LimitOptions;
  /** Default: warnings and errors as JSON lines on standard error. */
  readonly logger?: Logger;
}

export interface ImageRouterOptions<P extends Principal = Principal> extends SharedOptions<P> {
  readonly authenticate: Authenticate<P>;
}

/** Without authentication every request is its own principal, and jobs are reached by their unguessable id only. */
export interface AnonymousRouterOptions extends SharedOptions<Principal> {
  readonly authenticate: false;
}

export interface ResolvedOptions<P extends Principal> {
  readonly capabilities: CapabilityResolver<P>;
  readonly providers: readonly ImageProvider[] | ProviderRegistry<P>;
  readonly models: ModelOptions<P>;
  readonly store: ImageStore | undefined;
  readonly jobs: JobQueue | undefined;
  readonly converter: ImageConverter | false | undefined;
  readonly webhooks: WebhookSigner | undefined;
  readonly webhookHosts: readonly string[];
  readonly namespace: string;
  readonly publicUrl: string | undefined;
  readonly links: ResolvedLinks;
  readonly imageHosts: readonly string[];
  readonly modelsRoute: boolean;
  readonly strict: boolean;
  readonly disconnectGraceMs: number;
  readonly onDisconnect: Readonly<Partial<Record<Op, OnDisconnect>>>;
  readonly attachRetries: boolean;
  readonly keepResults: boolean;
  readonly limits: Limits;
  readonly logger: Logger | undefined;
}

const NAMES: Readonly<Record<keyof ImageRouterOptions, true>> = {
  authenticate: true,
  capabilities: true,
  providers: true,
  models: true,
  store: true,
  jobs: true,
  converter: true,
  webhooks: true,
  webhookHosts: true,
  namespace: true,
  publicUrl: true,
  links: true,
  imageHosts: true,
  modelsRoute: true,
  strict: true,
  disconnectGraceMs: true,
  onDisconnect: true,
  attachRetries: true,
  keepResults: true,
  limits: true,
  logger: true,
};

const STORE_METHODS = ["reserve", "stat", "read", "delete"];
const QUEUE_METHODS = [
  "submit",
  "work",
  "get",
  "list",
  "update",
  "settle",
  "nextSeq",
  "cancel",
  "remove",
  "abandon",
  "adopt",
  "watch",
  "follow",
  "close",
];
const CONVERTER_METHODS = ["formats", "convert"];
const LOGGER_METHODS = ["debug", "info", "warn", "error"];

/**
 * Checks the options once, at mount, and fills in what is left out.
 *
 * @throws TypeError naming the option and the remedy
 */
export function resolveOptions<P extends Principal>(
  options: SharedOptions<P> & { authenticate: unknown },
): ResolvedOptions<P> {
  checkNames(options, Object.keys(NAMES));
  const { authenticate, capabilities, namespace = "/image-progress", disconnectGraceMs = 10_000 } = options;
  if (authenticate !== false && typeof authenticate !== "function") {
    const expected =
      "a function that resolves to the principal or null, or the literal false for open access";
    fail("authenticate", authenticate === undefined ? `is required: ${expected}` : `must be ${expected}`);
  }
  const resolver: CapabilityResolver<P> =
    typeof capabilities === "function" ? { has: capabilities } : capabilities;
  if (typeof resolver?.has !== "function") {
    const expected = "{ has(principal, capability) } or a function of that shape";
    fail("capabilities", capabilities === undefined ? `is required: ${expected}` : `must be ${expected}`);
  }
  if (typeof namespace !== "string" || !/^\/[\w/-]+$/.test(namespace))
    fail("namespace", "must begin with a slash, such as '/image-progress'");
  checkWhole("disconnectGraceMs", disconnectGraceMs, 0, "milliseconds", MAX_GRACE_MS);
  checkProviders(options.providers);
  checkMethods("store", options.store, STORE_METHODS, "leave it out for the embedded disk store");
  checkMethods("jobs", options.jobs, QUEUE_METHODS, "leave it out for the embedded queue");
  if (options.converter !== false) {
    const remedy = "leave it out for one that uses sharp, or give false for none";
    checkMethods("converter", options.converter, CONVERTER_METHODS, remedy);
  }
  checkMethods(
    "webhooks",
    options.webhooks,
    ["headers"],
    "give standardWebhooks({ secret }), or leave it out",
  );
  if (options.webhooks !== undefined && options.jobs !== undefined && options.jobs.notify === undefined) {
    fail("webhooks", "needs a queue that tells of the ends of jobs: this one has no 'notify'");
  }
  checkMethods("logger", options.logger, LOGGER_METHODS, "wrap the host's logger, or leave it out");
  checkFlag("modelsRoute", options.modelsRoute);
  checkFlag("strict", options.strict);
  checkFlag("keepResults", options.keepResults);
  checkFlag("attachRetries", options.attachRetries);
  if (options.jobs?.isShared === true) checkShared(options);
  return Object.freeze({
    capabilities: resolver,
    providers: "candidates" in options.providers ? options.providers : [...options.providers],
    models: checkModels(options.models, options.providers),
    store: options.store,
    jobs: options.jobs,
    converter: options.converter,
    webhooks: options.webhooks,
    webhookHosts: checkHosts("webhookHosts", options.webhookHosts),
    namespace,
    publicUrl: checkPublicUrl(options.publicUrl),
    links: checkLinks(options.links ?? {}),
    imageHosts: checkHosts("imageHosts", options.imageHosts),
    modelsRoute: options.modelsRoute ?? true,
    strict: options.strict ?? false,
    disconnectGraceMs,
    onDisconnect: checkOnDisconnect(options.onDisconnect),
    attachRetries: options.attachRetries ?? true,
    keepResults: options.keepResults ?? false,
    limits: checkLimits(options.limits ?? {}),
    logger: options.logger,
  });
}
