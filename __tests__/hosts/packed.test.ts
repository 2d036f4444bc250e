import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import manifest from "../../package.json";
import { npm } from "./packed";
import { openWorkshop, type Workshop } from "./throwaway";

jest.setTimeout(120_000);

const KILOBYTE = 1024;

let workshop: Workshop;
let project: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  project = await workshop.project("esm-express5");
});
afterAll(() => workshop?.remove());

/** What a CommonJS program in the project prints, as JSON. */
async function evaluate(program: string): Promise<unknown> {
  const env = { PATH: process.env["PATH"] };
  const options = { cwd: project, env, timeout: 10_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], options);
  return JSON.parse(stdout);
}

describe("the tarball", () => {
  it("holds the build, its types and the documents, and nothing else", () => {
    const known =
      /^(dist\/lib\/[\w/-]+\.(js|d\.ts)|docs\/[\w-]+\.md|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
    expect(workshop.tarball.paths.filter((path) => !known.test(path))).toEqual([]);
    expect(workshop.tarball.paths).toEqual(
      expect.arrayContaining(["README.md", "CHANGELOG.md", "LICENSE", "docs/ARCHITECTURE.md"]),
    );
  });

  it("has for each JavaScript file its types", () => {
    const { paths } = workshop.tarball;
    const untyped = paths.filter((path) => path.endsWith(".js") && !paths.includes(typesOf(path)));
    expect(paths).toContain("dist/lib/index.js");
    expect(untyped).toEqual([]);
  });

  it("names no source map and no folder of the machine that built it", () => {
    const place = join(project, "node_modules/express-image-gateway");
    const telling = [join(__dirname, "../.."), homedir(), "sourceMappingURL="];
    const found = workshop.tarball.paths.filter((path) => {
      const text = readFileSync(join(place, path), "utf8");
      return telling.some((word) => text.includes(word));
    });
    expect(found).toEqual([]);
  });

  it("checks base64 with WebAssembly, which the compiled code finds as the sources do", async () => {
    const file = "./node_modules/express-image-gateway/dist/lib/internal/base64-alphabet.js";
    const program = `
      const { plainLength } = require(${JSON.stringify(file)});
      console.log(plainLength(Buffer.alloc(65, "A"), 0, 65));
    `;
    expect(await evaluate(program)).toBe(64);
  });

  it("stays small", () => {
    expect(workshop.tarball.bytes).toBeLessThan(768 * KILOBYTE);
    expect(workshop.tarball.unpackedBytes).toBeLessThan(3072 * KILOBYTE);
  });
});

const typesOf = (path: string): string => path.replace(/\.js$/, ".d.ts");

describe("installed", () => {
  it("is accepted by npm beside Express and Socket.IO, and brings in nothing optional", async () => {
    const place = join(project, "node_modules/express-image-gateway");
    const options = ["--no-save", "--no-package-lock", "--prefer-offline"];
    const optional = Object.keys(manifest.peerDependenciesMeta);
    const installed = () => optional.filter((name) => existsSync(join(project, "node_modules", name)));
    // What is there beforehand came with Socket.IO, whose engine needs ws.
    const beforehand = installed();
    expect(beforehand).not.toContain("sharp");
    await rm(place, { recursive: true });
    await npm(project, "install", ...options, workshop.tarball.file);
    expect(readdirSync(place)).toEqual(expect.arrayContaining(["dist", "package.json"]));
    expect(optional).toContain("sharp");
    expect(installed()).toEqual(beforehand);
    expect(await npm(project, "ls", "express-image-gateway")).toContain(manifest.version);
  });

  it("loads each entry without what is optional; each then names what it needs", async () => {
    const entries = Object.keys(manifest.exports).map((entry) => entry.replace(/^\./, manifest.name));
    expect(
      await evaluate(`console.log(${JSON.stringify(entries)}.map((name) => typeof require(name)).length)`),
    ).toBe(entries.length);
    const message = await evaluate(`
      const { demo } = require("express-image-gateway/providers/demo");
      try { demo(); } catch (error) { console.log(JSON.stringify(error.message)); }
    `);
    expect(message).toMatch(/sharp.*not installed.*npm install sharp/);
    const messages = await evaluate(`
      const { bullmqJobs } = require("express-image-gateway/jobs/bullmq");
      const { s3ImageStore } = require("express-image-gateway/stores/s3");
      const { standardWebhooks } = require("express-image-gateway/webhooks");
      const secret = "whsec_" + Buffer.alloc(32).toString("base64");
      const makes = [
        () => bullmqJobs({ redis: "redis://127.0.0.1:1" }),
        () => s3ImageStore({ bucket: "pictures" }),
        () => standardWebhooks({ secret }),
      ];
      const messageOf = (make) => { try { make(); } catch (error) { return error.message; } };
      console.log(JSON.stringify(makes.map(messageOf)));
    `);
    expect(messages).toEqual([
      expect.stringMatching(/^bullmqJobs\(\) needs .*npm install (ioredis|bullmq)/),
      expect.stringMatching(/^s3ImageStore\(\) needs .*npm install @aws-sdk\/client-s3/),
      expect.stringMatching(/^standardWebhooks\(\) needs .*npm install standardwebhooks/),
    ]);
  });

  it("gives ES modules and CommonJS the same class", async () => {
    const same = await evaluate(`
      const { GatewayError } = require("express-image-gateway");
      import("express-image-gateway").then((module) => console.log(module.GatewayError === GatewayError));
    `);
    expect(same).toBe(true);
  });

  it("costs less to import than Express and Socket.IO", async () => {
    const share = await importShare();
    console.log(`importing ${manifest.name} takes ${share.toFixed(2)} of importing its two peers`);
    expect(share).toBeLessThan(0.9);
  });
});

const RUNS = 7;

/** Processor time for ours as a share of that for the peers, in one process: the speed of the machine falls out. */
const IMPORT_SHARE = `
  const cost = (...names) => {
    const before = process.cpuUsage();
    for (const name of names) require(name);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const peers = cost("express", "socket.io");
  console.log(cost("${manifest.name}") / peers);
`;

async function importShare(): Promise<number> {
  const shares: number[] = [];
  while (shares.length < RUNS) shares.push(Number(await evaluate(IMPORT_SHARE)));
  return shares.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
}
