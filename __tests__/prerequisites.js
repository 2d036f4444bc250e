"use strict";

/**
 * What the tests need beyond npm, made once and kept in .cache: the published clients that call the gateway, for Python and for
 * Node, and what the throwaway hosts install. All of it stays out of the package's own dependencies. What cannot be had is named, and the step fails.
 */
const { execFile } = require("node:child_process");
const { createHash } = require("node:crypto");
const {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require("node:fs");
const { promisify } = require("node:util");
const { basename, join } = require("node:path");
const { findChromium, installChromium } = require("./browser/chromium-path.js");
const { hosts, installThirdParty } = require("./hosts/third-party.js");
const { findRedis, installRedis } = require("./support/redis-server.js");

const cache = join(__dirname, "../.cache");
mkdirSync(cache, { recursive: true });
const requirements = join(__dirname, "contract/requirements.txt");
const nodeClients = [".npmrc", "package.json", "package-lock.json"].map((name) =>
  join(__dirname, "contract/clients", name),
);

const UV = "uv==0.13.9";
const QUIETLY = ["--quiet", "--disable-pip-version-check"];

async function run(program, args, cwd = cache) {
  try {
    await promisify(execFile)(program, args, { cwd });
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")} failed\n${error.stderr || error.message}`);
  }
}

/** Makes a folder of the cache, anew when one of the files that say what belongs into it has changed. */
async function cached(name, sources, make) {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const wanted = hash.digest("hex");
  const folder = join(cache, name);
  const mark = join(folder, "made-from.sha256");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(folder);
  writeFileSync(mark, wanted);
}

/** Where it cannot be had the tests with Redis skip themselves, except with CI set. */
function getRedis() {
  if (findRedis()) return;
  console.log("There is no redis-server here: installing it by apt-get.");
  try {
    installRedis();
  } catch (error) {
    if (process.env.CI) throw error;
    console.warn(`left out: the tests of jobs/bullmq, for want of redis-server\n${error.message}`);
  }
}

/** Where it cannot be had the tests of __tests__/browser skip themselves, except with CI set. */
function getChromium() {
  if (findChromium() !== undefined) return;
  console.log("There is no Chromium here: installing it by apt-get.");
  try {
    installChromium();
  } catch (error) {
    if (process.env.CI) throw error;
    console.warn(`left out: the tests of __tests__/browser, for want of Chromium\n${error.message}`);
  }
}

const wants = {
  "curl, as the documentation shows it": () => run("curl", ["--version"]),
  "redis-server, on PATH": getRedis,
  "Chromium, on PATH or named by CHROMIUM": getChromium,
  "Python 3 with venv, and the clients of __tests__/contract/requirements.txt": () =>
    cached("venv", [requirements], async (folder) => {
      await run("python3", ["-m", "venv", folder]);
      const pip = (...what) => run(join(folder, "bin/pip"), ["install", ...QUIETLY, ...what]);
      try {
        // Installs the same in a fifth of the time.
        await pip(UV);
        const python = ["--python", join(folder, "bin/python")];
        await run(join(folder, "bin/uv"), ["pip", "install", "--quiet", ...python, "-r", requirements]);
      } catch {
        // It does not know what pip has been told of mirrors.
        await pip("-r", requirements);
      }
    }),
  "the clients of __tests__/contract/clients/package.json": () =>
    cached("clients", nodeClients, async (folder) => {
      for (const file of nodeClients) copyFileSync(file, join(folder, basename(file)));
      // The level is that of this call: a silent `npm test` hands its own down, and a failure would say nothing.
      await run("npm", ["ci", "--ignore-scripts", "--loglevel=error"], folder);
      // A module finds packages from where it lies: so the scripts that use these lie here too.
      symlinkSync("../../__tests__/contract/clients", join(folder, "scripts"), "junction");
    }),
  "what the hosts of __tests__/hosts need": async () => {
    for (const host of hosts) {
      await cached(`hosts/${host.name}`, host.sources, (folder) => installThirdParty(host, folder, run));
    }
  },
};

async function get([name, make]) {
  try {
    await make();
  } catch (error) {
    console.error(`missing: ${name}\n${error.message}`);
    process.exitCode = 1;
  }
}

/** What comes by npm and pip waits for the network most of the time, each for itself. */
void Promise.all(Object.entries(wants).map(get));
