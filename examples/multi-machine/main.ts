import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startBalancer } from "./balancer";
import { postAndListen } from "./client";
import { freePort, startRedis, startWeb, startWorker, stop } from "./processes";

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Two web processes, two workers, one Redis, one folder of pictures, one balancer; then a client on two of them. */
async function main(): Promise<void> {
  const started: ChildProcess[] = [];
  const storeDir = await mkdtemp(join(tmpdir(), "multi-machine-"));
  let balancer: Server | undefined;
  const close = async () => {
    balancer?.close();
    // Redis goes last: the others say goodbye to it.
    for (const child of started.reverse()) await stop(child);
    await rm(storeDir, { recursive: true, force: true });
  };
  try {
    const redisUrl = process.env["REDIS_URL"] ?? (await startRedis(started));
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const env = {
      ...process.env,
      REDIS_URL: redisUrl,
      PUBLIC_URL: `${base}/v1`,
      SIGNING_SECRET: randomBytes(32).toString("hex"),
      STORE_DIR: storeDir,
      PORT: "0",
    };
    const [one, two] = await Promise.all([
      startWeb(started, "web 1", { ...env, ROLE: "web" }),
      startWeb(started, "web 2", { ...env, ROLE: "web" }),
      startWorker(started, "worker 1", { ...env, ROLE: "worker" }),
      startWorker(started, "worker 2", { ...env, ROLE: "worker" }),
    ]);
    balancer = await startBalancer([new URL(one).host, new URL(two).host], port);
    say(`web 1 ${one}, web 2 ${two}, two workers, all of them behind ${base}`);
    const heard = await postAndListen(one, two, "a lighthouse in a storm");
    say(`posted to web 1, heard on web 2: ${heard.percentages.join(" ")} % and ${heard.previews} previews`);
    say(`${heard.status}; the picture has ${heard.bytes} bytes`);
  } catch (error) {
    await close();
    throw error;
  }
  if (process.argv.includes("--once")) return close();
  say("Ctrl+C ends all of it.");
  const end = () => {
    process.off("SIGINT", end).off("SIGTERM", end);
    void close();
  };
  process.on("SIGINT", end).on("SIGTERM", end);
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : "it did not start");
  process.exitCode = 1;
});
