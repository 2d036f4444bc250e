import { checkOptionNames } from "../../internal/option-names";
import type { Clock, Logger } from "../../ports";

/** Where Redis is, in ioredis' own words; what is not named here is handed on to it. A type of our own: hosts without ioredis compile. */
export interface RedisAddress {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: object;
  readonly [option: string]: unknown;
}

/** Options of {@link bullmqJobs}. */
export interface BullmqJobsOptions {
  /** Where Redis is: `redis://` or `rediss://` with all that belongs to it, or options of ioredis. */
  readonly redis: string | RedisAddress;
  /**
   * What this process does: `web` takes jobs and tells of them, `worker` and `both` also do them.
   * @default "both"
   */
  readonly role?: "web" | "worker" | "both";
  /**
   * Jobs at work at once in this process, for each provider: one number for all, or one by provider id with `default` for the others.
   * @default 4
   */
  readonly concurrency?: number | Readonly<Record<string, number>>;
  /**
   * What all keys in Redis begin with, in braces: gateways with the same one share their jobs.
   * @default "aigw"
   */
  readonly prefix?: string;
  /**
   * Jobs that have not begun, over all principals; beyond it a request is answered 503 `queue_full`.
   * @default 1000
   */
  readonly maxQueued?: number;
  /**
   * How long a job that has ended can be read, in seconds.
   * @default 3600
   */
  readonly ttlSeconds?: number;
  /**
   * How long a worker that says nothing is believed to be alive, in seconds; its jobs are in other hands within two such times.
   * @default 30
   */
  readonly lockSeconds?: number;
  /**
   * Where the time comes from.
   * @default Date.now
   */
  readonly clock?: Clock;
  /** Hears of a Redis that is away or set up wrongly, and of data in it that is none of ours. */
  readonly logger?: Logger;
}

/** The options with their defaults. */
export interface Resolved extends Required<Omit<BullmqJobsOptions, "concurrency">> {
  concurrencyOf(provider: string): number;
}

const DEFAULTS = {
  role: "both",
  concurrency: 4,
  prefix: "aigw",
  maxQueued: 1_000,
  ttlSeconds: 3_600,
  lockSeconds: 30,
} as const;
const NAMES = ["redis", ...Object.keys(DEFAULTS), "clock", "logger"];
const nothing = () => {};
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** @throws TypeError that names the option and the remedy */
export function resolveOptions(options: BullmqJobsOptions): Resolved {
  checkOptionNames("bullmqJobs", options, NAMES);
  const { redis, clock = () => Date.now(), logger = SILENT } = options;
  const given = { ...DEFAULTS, ...withoutUndefined(options) };
  const isUrl = typeof redis === "string" && /^rediss?:\/\//.test(redis);
  if (!isUrl && (typeof redis !== "object" || redis === null)) {
    refuse('"redis" must be a redis:// or rediss:// URL, or an object of ioredis options. Correct it.');
  }
  if (typeof redis === "object" && redis["keyPrefix"]) {
    refuse('"redis" must have no keyPrefix: scripts and BullMQ would not see it. Use prefix instead.');
  }
  if (!["web", "worker", "both"].includes(given.role)) {
    refuse('"role" must be "web", "worker" or "both". Correct or leave it out.');
  }
  if (typeof given.prefix !== "string" || !/^[\w.-]{1,64}$/.test(given.prefix)) {
    refuse('"prefix" must be 1 to 64 letters, digits, "_", "." or "-". Correct or leave it out.');
  }
  for (const name of ["maxQueued", "ttlSeconds", "lockSeconds"] as const) requireCount(name, given[name]);
  if (typeof clock !== "function") {
    refuse('"clock" must be a function that gives epoch milliseconds. Correct or leave it out.');
  }
  const { role, prefix, maxQueued, ttlSeconds, lockSeconds } = given;
  const concurrencyOf = resolveConcurrency(given.concurrency);
  return { redis, role, concurrencyOf, prefix, maxQueued, ttlSeconds, lockSeconds, clock, logger };
}

function resolveConcurrency(given: number | Readonly<Record<string, number>>) {
  const byProvider = new Map(typeof given === "number" ? [["default", given]] : Object.entries(given));
  for (const [name, each] of byProvider) {
    requireCount(typeof given === "number" ? "concurrency" : `concurrency.${name}`, each);
  }
  const others = byProvider.get("default") ?? DEFAULTS.concurrency;
  return (provider: string) => byProvider.get(provider) ?? others;
}

function requireCount(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && Number(value) >= 1) return;
  refuse(`"${name}" must be a whole number of at least 1. Correct or leave it out.`);
}

const withoutUndefined = <T extends object>(value: T): Partial<T> => {
  const kept: Partial<T> = { ...value };
  for (const name of Object.keys(kept))
    if (Reflect.get(kept, name) === undefined) Reflect.deleteProperty(kept, name);
  return kept;
};

function refuse(problem: string): never {
  throw new TypeError(`bullmqJobs: ${problem}`);
}
