import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions } from "socket.io";
import type { Socket as ClientSocket, ManagerOptions, SocketOptions } from "socket.io-client";
import { io as connectClient } from "socket.io-client";
import { createAccess } from "../../lib/core/callers/access";
import { knownCaller } from "../../lib/core/callers/caller";
import { ownedJobs } from "../../lib/core/callers/owned-jobs";
import { createPreviewFeed } from "../../lib/core/progress/preview-feed";
import { newId } from "../../lib/internal/ids";
import type {
  Authenticate,
  CapabilityResolver,
  JobListener,
  JobRecord,
  Logger,
  Principal,
} from "../../lib/ports";
import { isTerminal } from "../../lib/ports";
import type { Ack, ClientToServerEvents, ServerToClientEvents } from "../../lib/realtime";
import { createRealtime, type RealtimeDeps } from "../../lib/realtime";
import { jobPlan } from "../support/jobs";

export type Client = ClientSocket<ServerToClientEvents, ClientToServerEvents>;

export const NAMESPACE = "/image-progress";
export const LIMITS = {
  eventsPerSecond: 20,
  eventBurst: 40,
  subscriptionsPerSocket: 64,
  socketsPerPrincipal: 8,
};

/** Jobs without work: a test says what becomes of them. */
export class ScriptedQueue {
  readonly records = new Map<string, JobRecord>();
  readonly listeners = new Set<JobListener>();
  /** Awaited by every read, so that a test can hold one back. */
  gate: Promise<void> = Promise.resolve();
  /** Reads begun. */
  reads = 0;

  add(principalId: string, more: Partial<JobRecord> = {}): JobRecord {
    return this.put({
      id: newId("imgjob_"),
      owner: knownCaller({ id: principalId }).owner,
      limitKey: "any",
      requestId: "req",
      request: {
        op: "generate",
        model: "demo",
        prompt: "a prompt that nobody else may read",
        n: 1,
        unknown: {},
      },
      responseFormat: "url",
      provider: "demo",
      plan: jobPlan(),
      seq: 1,
      status: "in_progress",
      progress: 0,
      createdAt: Date.now(),
      images: [],
      warnings: [],
      refs: [],
      ...more,
    });
  }

  change(id: string, change: Partial<JobRecord> = {}): JobRecord {
    const job = this.records.get(id);
    if (job === undefined) throw new Error("no such job");
    return this.put({ ...job, seq: job.seq + 1, ...change });
  }

  report(job: JobRecord): void {
    for (const listener of this.listeners) listener(job);
  }

  watch(listener: JobListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async get(id: string): Promise<JobRecord | undefined> {
    this.reads += 1;
    const job = this.records.get(id);
    await this.gate;
    return job;
  }

  async list(query: { owner: string; limit: number; after?: string; live?: boolean }) {
    this.reads += 1;
    const own = [...this.records.values()]
      .filter((job) => job.owner === query.owner && !(query.live === true && isTerminal(job)))
      .reverse();
    const start = query.after === undefined ? 0 : own.findIndex(({ id }) => id === query.after) + 1;
    await this.gate;
    return { jobs: own.slice(start, start + query.limit), hasMore: own.length > start + query.limit };
  }

  async cancel(id: string): Promise<JobRecord | undefined> {
    const job = this.records.get(id);
    if (job === undefined || isTerminal(job)) return job;
    return this.change(id, { status: "cancelled" });
  }

  async remove(id: string): Promise<JobRecord | undefined> {
    const job = await this.cancel(id);
    this.records.delete(id);
    return job;
  }

  follow(id: string, listener: JobListener): () => void {
    return this.watch((job) => {
      if (job.id === id) listener(job);
    });
  }

  private put(job: JobRecord): JobRecord {
    this.records.set(job.id, job);
    this.report(job);
    return job;
  }
}

export interface Account extends Principal {
  readonly capable: boolean;
}

export interface World {
  readonly http: HttpServer;
  readonly io: Server;
  readonly queue: ScriptedQueue;
  readonly deps: RealtimeDeps<Account>;
  readonly realtime: ReturnType<typeof createRealtime>;
  /** Messages that were logged at `error`. */
  readonly errors: string[];
  /** Connects; `auth` defaults to a token of its own principal. */
  client(options?: Partial<ManagerOptions & SocketOptions>, namespace?: string): Client;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** `false`: callers are anonymous. */
  readonly authenticate?: Authenticate<Account> | false;
  readonly capabilities?: CapabilityResolver<Account>;
  readonly server?: Partial<ServerOptions>;
  readonly deps?: Partial<RealtimeDeps<Account>>;
  readonly attach?: boolean;
}

/** Tokens name their principal: `token:ann` is Ann's. */
const byToken: Authenticate<Account> = ({ token }) =>
  token?.startsWith("token:") ? { id: token.slice(6), capable: true } : null;

/** A real server with the namespace on it, on a free port of loopback. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const http = createServer();
  const io = new Server(http, options.server);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;

  const errors: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_about, message) => void errors.push(message),
  };
  const { authenticate = byToken } = options;
  const queue = new ScriptedQueue();
  const deps: RealtimeDeps<Account> = {
    namespace: NAMESPACE,
    refusal: () => undefined,
    access: createAccess<Account>({
      identity: authenticate === false ? { anonymous: (id) => ({ id, capable: true }) } : { authenticate },
      capabilities: options.capabilities ?? { has: (who) => who.capable },
      log,
    }),
    jobs: ownedJobs<Account>(queue),
    queue,
    previews: createPreviewFeed(),
    limits: LIMITS,
    log,
    ...options.deps,
  };
  const realtime = createRealtime(deps);
  if (options.attach !== false) realtime.attach(io);

  const clients = new Set<Client>();
  return {
    http,
    io,
    queue,
    deps,
    realtime,
    errors,
    client(clientOptions = {}, namespace = NAMESPACE) {
      const client: Client = connectClient(`http://127.0.0.1:${port}${namespace}`, {
        forceNew: true,
        reconnection: false,
        transports: ["websocket"],
        ...clientOptions,
      });
      clients.add(client);
      return client;
    },
    async close() {
      for (const client of clients) client.disconnect();
      realtime.close();
      await io.close();
    },
  };
}

/** The arguments of the next event of a name; rejects when it does not come. */
export function next(
  client: { once(event: string, listener: (...args: unknown[]) => void): unknown },
  event: string,
  timeoutMs = 5000,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no '${event}' within ${timeoutMs} ms`)), timeoutMs);
    client.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

/** What a refused client was told. */
export async function refusal(client: Client): Promise<{ message: string; data: unknown }> {
  const [error] = await next(client, "connect_error");
  if (!(error instanceof Error) || !("data" in error)) throw new Error("an error without data");
  return { message: error.message, data: error.data };
}

/** A log of what a client hears, in order. */
export function listen(client: Client) {
  const heard: { event: string; id?: string; seq?: number; reason?: string; status?: string }[] = [];
  client.onAny((event: string, payload: object) => void heard.push({ event, ...payload }));
  return heard;
}

/** Emits and waits for the acknowledgement, whatever the types say. */
export function ask(client: Client, event: string, ...args: unknown[]): Promise<Ack> {
  const untyped: ClientSocket = client;
  return untyped.timeout(5000).emitWithAck(event, ...args);
}
