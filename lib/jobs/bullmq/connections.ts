import type { ChainableCommander, Redis, RedisOptions } from "ioredis";
import { textMember } from "../../internal/json-shape";
import type { Logger } from "../../ports";
import { loadIoredis } from "./library";
import type { RedisAddress } from "./options";
import { checkPolicy } from "./policy";
import type { Script } from "./script";
import { queueUnavailable } from "./unavailable";

/** A command has this long; one that Redis does not answer in time may still be carried out. */
const COMMAND_MS = 3_000;
const MOST_RECONNECT_MS = 1_000;
/** Where Redis is away the client waits so long in vain when it is closed, and the process with it; its own 2 s are much of a shutdown. */
const DISCONNECT_MS = 100;

/** The connections of one process, all of them ours. */
export interface Connections {
  /** For commands that must not hang. */
  readonly commands: Redis;
  readonly subscriber: Redis;
  /** For BullMQ's workers, which wait as long as it takes. */
  worker(): Redis;
  isUp(): boolean;
  /** Resolves when Redis has been reached. @throws Error when it is set up so that it may throw jobs away */
  ready(): Promise<void>;
  /** @throws GatewayError `queue_unavailable`; with `retry: false` when the commands may have been carried out all the same */
  ask<T>(commands: (redis: Redis) => Promise<T>): Promise<T>;
  /** Several commands at once, and what each has given. One that was not answered makes all of it fail: what is not known is not absent. See `ask`. */
  askAll(enqueue: (pipeline: ChainableCommander) => void): Promise<readonly unknown[]>;
  /** Runs a script; see `ask`. */
  run(script: Script, key: string, ...args: readonly (string | number)[]): Promise<unknown>;
  close(): void;
}

export function connect(redis: string | RedisAddress, log: Logger): Connections {
  const { Redis: Connection } = loadIoredis();
  const open = (own: RedisOptions) => {
    const options: RedisOptions = {
      retryStrategy: (times) => Math.min(MOST_RECONNECT_MS, 50 * 2 ** Math.min(times, 8)),
      disconnectTimeout: DISCONNECT_MS,
      ...(typeof redis === "string" ? {} : redis),
      ...own,
      lazyConnect: false,
    };
    const connection = typeof redis === "string" ? new Connection(redis, options) : new Connection(options);
    const { host, port, path } = connection.options;
    const address = path ?? `${host}:${port}`;
    let isTold = false;
    connection.on("error", (error: unknown) => {
      if (!isTold) log.warn({ redis: address, code: codeOf(error) }, "Redis cannot be reached");
      isTold = true;
    });
    connection.on("ready", () => {
      isTold = false;
    });
    return connection;
  };
  const prompt = {
    commandTimeout: COMMAND_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  };
  const commands = open(prompt);
  // What the client subscribes to again by itself it forgets when the connection is lost meanwhile, and nobody hears its error.
  const subscriber = open({ ...prompt, autoResubscribe: false });
  let workers: Redis | undefined;
  let isClosed = false;

  const reached = new Promise<void>((resolve, reject) => {
    let isFirst = true;
    const look = async () => {
      try {
        await checkPolicy(commands, log);
        if (isFirst && subscriber.status !== "ready") await once(subscriber, "ready");
        isFirst = false;
        resolve();
      } catch (error) {
        if (isFirst) reject(error);
        log.error({ code: "redis_policy" }, "Redis may throw jobs away: set maxmemory-policy noeviction");
      }
    };
    commands.on("ready", () => void look());
    commands.once("end", () => reject(new Error("bullmqJobs: closed before Redis was reached.")));
  });
  // Who does not ask whether we are ready need not hear that we are not.
  reached.catch(() => {});

  async function ask<T>(work: (connection: Redis) => Promise<T>): Promise<T> {
    if (isClosed || commands.status !== "ready") throw queueUnavailable();
    try {
      return await work(commands);
    } catch (error) {
      throw queueUnavailable(error, wasRefused(error));
    }
  }

  return {
    commands,
    subscriber,
    worker() {
      workers ??= open({ maxRetriesPerRequest: null });
      return workers;
    },
    isUp: () => commands.status === "ready",
    ready: () => reached,
    ask,
    askAll: (enqueue) =>
      ask(async (connection) => {
        const pipeline = connection.pipeline();
        enqueue(pipeline);
        const replies = (await pipeline.exec()) ?? [];
        for (const [error] of replies) if (error !== null) throw error;
        return replies.map(([, reply]) => reply);
      }),
    run: (script, key, ...args) =>
      ask(async (connection) => {
        try {
          return await connection.evalsha(script.sha, 1, key, ...args);
        } catch (error) {
          if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
          return connection.eval(script.text, 1, key, ...args);
        }
      }),
    close() {
      isClosed = true;
      for (const connection of [commands, subscriber, workers]) connection?.disconnect();
    },
  };
}

const once = (connection: Redis, event: string) =>
  new Promise<void>((resolve) => {
    connection.once(event, () => resolve());
  });

/** Answers of a Redis that has done nothing of what it was asked for. */
const REFUSALS = /^(READONLY|OOM|LOADING|MASTERDOWN|NOREPLICAS|MISCONF) /;
const wasRefused = (error: unknown): boolean => error instanceof Error && REFUSALS.test(error.message);

const codeOf = (error: unknown): string => textMember(error, "code") ?? "redis_error";
