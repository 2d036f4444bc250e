"use strict";

/**
 * What the hosts of this folder need from others, this package's own dependencies and peers included: npm resolves them for a package
 * of our package.json alone. The package itself is put in fresh by each test.
 */
const { copyFileSync, mkdirSync, readdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const own = join(__dirname, "../../package.json");

/** @type {readonly { name: string; sources: readonly string[] }[]} */
const hosts = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, sources: [join(__dirname, name, "package.json"), own] }));

/** @param {(program: string, args: readonly string[], cwd: string) => Promise<void>} run */
async function installThirdParty({ sources: [manifest] }, folder, run) {
  const stub = join(folder, "stub");
  mkdirSync(stub);
  copyFileSync(own, join(stub, "package.json"));
  copyFileSync(manifest, join(folder, "package.json"));
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const bare = ["--ignore-scripts", "--install-links", "--no-save", "--no-package-lock", "--prefer-offline"];
  await run("npm", ["install", ...quiet, ...bare, "./stub"], folder);
  rmSync(stub, { recursive: true });
  rmSync(join(folder, "node_modules/express-image-gateway"), { recursive: true });
}

module.exports = { hosts, installThirdParty };
