import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { ImageRouterOptions } from "express-image-gateway";

import { LIMITS } from "../../lib/gateway/limits";
import type { AiSdkOptions } from "../../lib/providers/ai-sdk";
import type { Automatic1111Options } from "../../lib/providers/automatic1111";
import type { ComfyUIOptions } from "../../lib/providers/comfyui";
import type { DemoOptions } from "../../lib/providers/demo";
import type { FalOptions } from "../../lib/providers/fal";
import type { OpenAIOptions } from "../../lib/providers/openai";
import type { ReplicateOptions } from "../../lib/providers/replicate";
import { startExample } from "../support/example";

const root = join(__dirname, "../..");
const run = promisify(execFile);

let readme: string;
beforeAll(async () => {
  readme = await readFile(join(root, "README.md"), "utf8");
});

const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code ?? "");

/** Does not compile when an option is added or taken away. */
const OPTIONS: Record<keyof ImageRouterOptions, true> = {
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

const OPENAI: Record<keyof OpenAIOptions, true> = {
  id: true,
  baseUrl: true,
  apiKey: true,
  headers: true,
  dialect: true,
  apiVersion: true,
  models: true,
  maxImageBytes: true,
  sanitizePrompt: true,
};

const COMFYUI: Record<keyof ComfyUIOptions, true> = {
  id: true,
  url: true,
  workflows: true,
  headers: true,
  keepMetadata: true,
  maxImageBytes: true,
  sanitizePrompt: true,
};

const AUTOMATIC1111: Record<keyof Automatic1111Options, true> = {
  id: true,
  url: true,
  username: true,
  password: true,
  headers: true,
  models: true,
  defaults: true,
  overrideSettings: true,
  exclusive: true,
  maxImageBytes: true,
  sanitizePrompt: true,
};

const REPLICATE: Record<keyof ReplicateOptions, true> = {
  apiToken: true,
  models: true,
  id: true,
  baseUrl: true,
  headers: true,
  maxImageBytes: true,
  pollMs: true,
};

const FAL: Record<keyof FalOptions, true> = {
  apiKey: true,
  models: true,
  id: true,
  baseUrl: true,
  headers: true,
  pollMs: true,
};

const AI_SDK: Record<keyof AiSdkOptions, true> = { id: true, models: true, maxImageBytes: true };

const DEMO: Record<keyof DemoOptions, true> = {
  id: true,
  models: true,
  aliases: true,
  stepMs: true,
  steps: true,
};

/** The rows of the table that begins with this cell, as lists of cells. */
function table(firstCell: string): string[][] {
  const lines = readme.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${firstCell} |`));
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith("|")),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

it("lists every option once", () => {
  const listed = table("option").map(([name]) => name?.replaceAll("`", ""));
  expect([...listed].sort()).toEqual(Object.keys(OPTIONS).sort());
});

it.each([
  ["openai", OPENAI],
  ["comfyui", COMFYUI],
  ["automatic1111", AUTOMATIC1111],
  ["replicate", REPLICATE],
  ["fal", FAL],
  ["aiSdk", AI_SDK],
  ["demo", DEMO],
])("lists every option of %s() once", (name, options) => {
  const row = table("provider").find(([cell]) => cell?.startsWith(`\`${name}()\``));
  const listed = row?.[1]?.split(", ").map((option) => option.replaceAll("`", ""));
  expect(listed?.sort()).toEqual(Object.keys(options).sort());
});

it("lists every limit with its default", () => {
  const listed = table("`limits.…`").map(([name, , value]) => [
    name?.replaceAll("`", ""),
    Number(value?.replaceAll(",", "")),
  ]);
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, limit.default])),
  );
});

it("has a curl command that works as it stands", async () => {
  const server = await startExample();
  try {
    const command = blocks("sh").find((code) => code.startsWith("curl"));
    expect(command).toContain("http://127.0.0.1:3000");
    const { stdout } = await run("sh", ["-c", `${command?.replace("http://127.0.0.1:3000", server.url)}`]);
    const [{ url }] = JSON.parse(stdout).data;
    const picture = await fetch(url);
    expect(picture.headers.get("content-type")).toBe("image/png");
  } finally {
    await server.close();
  }
});

it("has an example of a stream and an edit that runs as it stands", async () => {
  const server = await startExample();
  // Within the package, so that the SDK is found from there.
  const folder = join(root, ".cache/readme-run");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    const code = blocks("ts").find((each) => each.includes("images.edit("));
    expect(code).toContain("http://127.0.0.1:3000");
    await writeFile(join(folder, "example.mjs"), `${code?.replace("http://127.0.0.1:3000", server.url)}`);
    const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: folder });
    const [first, second, url, ...more] = stdout.trim().split("\n");
    expect([first, second, more]).toEqual(["unfinished version 0", "unfinished version 1", []]);
    const picture = await fetch(String(url));
    expect(picture.headers.get("content-type")).toBe("image/png");
  } finally {
    await server.close();
  }
}, 30_000);

it("gives the two commands, and leads to files that exist", async () => {
  expect(readme).toContain("npm install && npm start");
  expect(readme).toContain("npm install && npm test");
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target ?? "");
  const local = links.filter((target) => !/^https?:/.test(target));
  expect(local.length).toBeGreaterThan(3);
  await Promise.all(local.map((target) => readFile(join(root, target))));
});
