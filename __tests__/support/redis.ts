import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./free-port";
import { findRedis, REDIS_SERVER } from "./redis-server";

/** A Redis of its own, on a free port, with its data in a temporary folder. */
export interface RedisServer {
  readonly url: string;
  /** A plain connection for looking; it is closed with the server. */
  look(): Redis;
  /** Freezes the process: connections stay open, and nothing is answered. */
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A group of tests with one Redis among them. Where there is no redis-server its tests are reported as skipped; with CI set they fail.
 *
 * @param settings see `startRedis`
 */
export function describeWithRedis(
  title: string,
  tests: (redis: () => RedisServer) => void,
  ...settings: readonly string[]
): void {
  const isLeftOut = !findRedis() && !process.env["CI"];
  (isLeftOut ? describe.skip : describe)(title, () => {
    let redis: RedisServer | undefined;
    beforeAll(async () => {
      redis = await startRedis(...settings);
    });
    afterAll(() => redis?.close());
    tests(() => {
      if (redis === undefined) throw new Error("Redis is there only while tests run");
      return redis;
    });
  });
}

/** @param settings as on the command line of redis-server, such as `--appendonly yes` */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  let server = await start(folder, port, settings);
  let looking: Redis | undefined;
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    look() {
      looking ??= new Redis(port, "127.0.0.1").on("error", () => {});
      return looking;
    },
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    kill,
    async restart() {
      server = await start(folder, port, settings);
    },
    async close() {
      looking?.disconnect();
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number, settings: readonly string[]): Promise<ChildProcess> {
  const fixed = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn(REDIS_SERVER, [...fixed, ...settings], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes("Ready to accept connections")) break;
  }
  if (server.exitCode !== null) throw new Error(`redis-server did not start:\n${said}`);
  server.stdout.resume();
  return server;
}
