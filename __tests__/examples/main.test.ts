import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const main = join(__dirname, "../../dist/examples/server/main.js");

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

/** Starts the built example as `npm start` does, and collects its lines. */
function start(env: Record<string, string>) {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  const running = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = running;
  const lines: string[] = [];
  const reader = createInterface({ input: running.stdout });
  const listening = new Promise<string>((resolve) => {
    reader.on("line", (line) => {
      lines.push(line);
      const url = /^Listening on (http:\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  return { listening, lines, ended: once(running, "exit") };
}

it("says where it listens, serves page, health and pictures, and ends cleanly on SIGTERM", async () => {
  const { listening, lines, ended } = start({ PORT: "0", DEMO_STEP_MS: "0" });
  const url = await listening;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const page = await fetch(url);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const made = await fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer aigw_sk_demo", "content-type": "application/json" },
    body: JSON.stringify({ model: "dall-e-3", prompt: "a canary in a coal mine", size: "64x64" }),
  });
  expect(made.status).toBe(200);
  child?.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  const logged = lines.filter((line) => !line.startsWith("Listening")).map((line) => JSON.parse(line));
  expect(logged.map(({ message }) => message)).toContain("stopped");
  expect(lines.join("\n")).not.toMatch(/canary|aigw_sk_demo/);
}, 30_000);

it("says what to do when its port is in use, and ends", async () => {
  const other = createServer();
  await once(other.listen(0, "127.0.0.1"), "listening");
  const address = other.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const { lines, ended } = start({ PORT: String(port) });
    expect(await ended).toEqual([1, null]);
    expect(lines.join("\n")).toContain(`Port ${port} is in use: set PORT to another one.`);
  } finally {
    await once(other.close(), "close");
  }
}, 30_000);

it("ends with an error that names the variable when one is wrong", async () => {
  const { lines, ended } = start({ PORT: "many" });
  expect(await ended).toEqual([1, null]);
  expect(lines.join("\n")).toContain("PORT must be a whole number");
});
