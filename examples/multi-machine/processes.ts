import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The example server, which is all of them. */
const SERVER = join(__dirname, "../server/main.js");

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Starts a process, remembers it, waits for a line that tells of its start, and tells of its end when that comes unasked. */
async function start(
  started: ChildProcess[],
  name: string,
  [program, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  sign: RegExp,
): Promise<RegExpExecArray> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const missing = once(child, "error").then(([error]: unknown[]) => {
    throw error;
  });
  const signed = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const found = sign.exec(line);
      if (found !== null) return found;
    }
    throw new Error(`${program} ${args.join(" ")} ended before it was at work.`);
  })();
  started.push(child);
  const found = await Promise.race([signed, missing]);
  child.stdout.resume();
  say(`${name} is process ${child.pid}`);
  child.once("exit", (code, signal) => {
    if (signal !== "SIGTERM" && code !== 0) say(`${name} has ended: ${signal ?? code}`);
  });
  return found;
}

/** One process that listens. Resolves to where. */
export async function startWeb(
  started: ChildProcess[],
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const [, url = ""] = await start(
    started,
    name,
    [process.execPath, SERVER],
    env,
    /^Listening on (http:\S+)$/,
  );
  return url;
}

/** One process that works. */
export async function startWorker(
  started: ChildProcess[],
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await start(started, name, [process.execPath, SERVER], env, /^Working$/);
}

/** A Redis for the example, with nothing on disk. Resolves to its address. */
export async function startRedis(started: ChildProcess[]): Promise<string> {
  const port = await freePort();
  const where = ["--port", String(port), "--bind", "127.0.0.1"];
  const how = ["--save", "", "--maxmemory-policy", "noeviction"];
  try {
    await start(
      started,
      "redis",
      ["redis-server", ...where, ...how],
      process.env,
      /Ready to accept connections/,
    );
  } catch {
    throw new Error("redis-server did not start: install it, or name a Redis of yours in REDIS_URL.");
  }
  return `redis://127.0.0.1:${port}`;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Ends a process of ours, the kind way. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
