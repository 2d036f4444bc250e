import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(__dirname, "..");

/** The tool's JSON report, as far as it is read here. */
interface Report {
  summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
}

/** Cruises `lib` below `folder` with the real configuration; violations are in the report, not in the exit code. */
function cruise(folder: string): Promise<Report> {
  const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [tool, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "lib"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`no report from the tool: ${stderr}`, { cause: error }));
      }
    });
  });
}

/** File by file: what it holds, and the rules it must break (none: it must pass). */
const planted: Record<string, [source: string, ...rules: string[]]> = {
  // The rooms, each importing all it may.
  "internal/leaf.ts": [
    `import "node:fs"; import { imageSize } from "image-size"; export const a = imageSize;`,
  ],
  "ports/port.ts": [`import type { IncomingMessage } from "node:http"; export type Port = IncomingMessage;`],
  "wire/format.ts": [`import "ajv"; import type {} from "../ports/port"; import "../internal/leaf";`],
  "core/progress.ts": [
    `import type {} from "../ports/port"; import "../internal/leaf"; export type Fraction = 1;`,
  ],
  "core/pictures/take.ts": [`import "../progress"; export type Taken = 1;`],
  "core/progress/track.ts": [`import "../jobs"; export type Tracked = 1;`],
  "core/running/run.ts": [`import "../pictures/take"; import "../progress/track"; export type Run = 1;`],
  "core/jobs.ts": [`import "./progress"; export type Job = 1;`],
  "http/router.ts": [
    `import "express"; import "../core/jobs"; import "../wire/format"; export type Route = 1;`,
  ],
  "convert/sharp.ts": [`import "sharp"; import "../ports/port";`],
  "convert/bad-core.ts": [`import "../core/jobs";`, "room-convert"],
  "realtime/namespace.ts": [`import "socket.io"; import "../core/progress"; import "../ports/port";`],
  "transport/client.ts": [
    `import "axios"; import "node:https"; import "../ports/port"; import "../internal/leaf";`,
  ],
  "testing/suite.ts": [`import "node:assert"; import "../ports/port"; import "../internal/leaf";`],
  "providers/demo/index.ts": [`import "sharp"; import "./draw"; import "../../wire/format";`],
  "providers/demo/draw.ts": [`import "../../ports/port"; export type Draw = 1;`],
  "stores/disk/index.ts": [`import "node:fs"; import "../../ports/port"; import "../../internal/leaf";`],

  // One mistake each.
  "core/bad-http.ts": [`import "../http/router";`, "room-core"],
  "core/bad-type-import.ts": [
    `import type { Route } from "../http/router"; export type A = Route;`,
    "room-core",
  ],
  "core/bad-type-reexport.ts": [`export type { Route } from "../http/router";`, "room-core"],
  "core/bad-import-type.ts": [`export type A = import("../http/router").Route;`, "room-core"],
  "core/bad-dynamic.ts": [`export const a = () => import("../realtime/namespace");`, "room-core"],
  "core/bad-wire.ts": [`import "../wire/format";`, "room-core"],
  "core/bad-express-type.ts": [
    `import type { Request } from "express"; export type A = Request;`,
    "room-core",
  ],
  "core/bad-axios.ts": [`import "axios";`, "room-core"],
  "core/bad-own-name.ts": [
    `import type { R } from "express-image-gateway"; export type A = R;`,
    "room-core",
    "nobody-imports-the-edge",
  ],
  "core/bad-transport.ts": [`import "../transport/client";`, "room-core", "transport-only-from-the-edge"],
  "core/bad-missing.ts": [`import "./nowhere";`, "room-core", "resolvable"],
  "core/bad-cycle-a.ts": [`import type {} from "./bad-cycle-b";`, "no-cycles"],
  // The tool names a cycle once, at its first file.
  "core/bad-cycle-b.ts": [`export type {} from "./bad-cycle-a";`],
  "core/pictures/bad-running.ts": [`import type {} from "../running/run";`, "core-pictures"],
  "core/progress/bad-pictures.ts": [
    `import type { Taken } from "../pictures/take"; export type A = Taken;`,
    "core-progress",
  ],
  "ports/inline-type.ts": [
    `import { type IncomingMessage } from "node:http"; export type A = IncomingMessage;`,
  ],
  "ports/bad-internal.ts": [`import "../internal/leaf";`, "room-ports"],
  "ports/bad-built-in.ts": [
    `import { createServer } from "node:http"; export const a = createServer;`,
    "built-ins-ports",
  ],
  "internal/bad-ports.ts": [
    `import type { Port } from "../ports/port"; export type A = Port;`,
    "room-internal",
  ],
  "wire/bad-core.ts": [`import "../core/progress";`, "room-wire"],
  "wire/bad-image-size.ts": [`import "image-size";`, "room-wire"],
  "http/bad-ajv.ts": [`import "ajv";`, "room-http"],
  "http/bad-realtime.ts": [`import "../realtime/namespace";`, "room-http"],
  "realtime/core-and-wire.ts": [`import "../core/jobs"; import "../wire/format";`],
  "realtime/bad-http.ts": [`import "../http/router";`, "room-realtime"],
  "realtime/bad-options.ts": [`import "../gateway/options";`, "room-realtime", "nobody-imports-the-edge"],
  "transport/bad-wire.ts": [`import "../wire/format";`, "room-transport"],
  "testing/bad-core.ts": [`import "../core/progress";`, "room-testing"],
  "testing/bad-package.ts": [`import "socket.io";`, "room-testing"],
  "stores/disk/bad-sibling.ts": [`import "../memory/index";`, "adapter"],
  "stores/memory/index.ts": [`import "../../ports/port";`],
  "stores/memory/bad-optional.ts": [`import "sharp";`, "adapter"],
  "jobs/memory/bad-core.ts": [`import "../../core/jobs";`, "adapter"],
  "providers/demo/bad-sibling.ts": [`import "../openai/index";`, "adapter-providers-demo"],
  "providers/demo/bad-package.ts": [`import "axios";`, "adapter-providers-demo"],
  "providers/openai/index.ts": [
    `import "../../ports/port"; import "../upstream/answer"; import "../hosted/work";`,
  ],
  "providers/upstream/answer.ts": [`import "../../ports/port";`],
  "providers/hosted/work.ts": [`import "../upstream/answer";`],
  "providers/hosted/bad-adapter.ts": [`import "../openai/index";`, "adapter"],
  "http/bad-stray.ts": [`import "../shared";`, "room-http", "import-outside-the-rooms"],
  "shared.ts": [`import "./internal/leaf";`, "file-outside-the-rooms"],
  "stray/file.ts": [`import "../ports/port";`, "file-outside-the-rooms"],
  "stores/shared.ts": [`import "../ports/port"; import "../internal/leaf";`],
  "stores/bad-shared.ts": [`import "../core/jobs";`, "beside-adapters"],
  "stores/memory/uses-shared.ts": [`import "../shared";`],

  // The composition root: the mistakes stand beside what is allowed.
  "gateway/options.ts": [`import "../stores/disk/index"; export type Options = 1;`],
  "gateway/compose.ts": [`import "./options"; import "../transport/client"; import "axios";`, "edge"],
  "index.ts": [
    `import "./gateway/options"; import "./http/router"; import type {} from "express"; import "socket.io"; export type R = 1;
     import "ajv"; import "./providers/demo/index";`,
    "edge",
    "edge-types",
    "optional-packages-stay-optional",
  ],
};

/** Reports of the real tree and of the planted one, made side by side before the first test. */
let ours: Report;
let plantedRules: Map<string, string[]>;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layers-"));
  for (const [file, [source]] of Object.entries(planted)) {
    const path = join(folder, "lib", file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${source}\n`);
  }
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
    await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");

  const [real, made] = await Promise.all([cruise(root), cruise(folder)]);
  ours = real;
  plantedRules = new Map();
  for (const { from, rule } of made.summary.violations) {
    const file = from.replace(/^lib\//, "");
    plantedRules.set(file, [...new Set([...(plantedRules.get(file) ?? []), rule.name])].sort());
  }
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("layers", () => {
  it("holds in lib without exception", () => {
    expect(ours.summary.totalCruised).toBeGreaterThan(0);
    expect(ours.summary.violations).toEqual([]);
  });

  it.each(Object.entries(planted))("judges a planted %s as expected", (file, [, ...rules]) => {
    expect(plantedRules.get(file) ?? []).toEqual(rules.sort());
  });
});
