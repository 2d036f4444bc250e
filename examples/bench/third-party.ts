import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** This file is compiled into another folder; what it needs lies in the package. */
export const PACKAGE = dirname(require.resolve("express-image-gateway/package.json"));

const SOURCE = join(PACKAGE, "examples/bench/third-party");
/** Where other people's packages are. */
export const INSTALLED = join(PACKAGE, ".cache/bench");
const MARK = join(INSTALLED, "made-from.sha256");
const FILES = [".npmrc", "package.json", "package-lock.json"];

/**
 * Installs what the gateway is measured against, in the versions of the lock file; again only when that has changed.
 *
 * @returns the folder it lies in
 * @throws Error when npm cannot
 */
export function installThirdParty(): string {
  const hash = createHash("sha256");
  for (const file of FILES) hash.update(readFileSync(join(SOURCE, file)));
  const wanted = hash.digest("hex");
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === wanted) return INSTALLED;
  rmSync(INSTALLED, { recursive: true, force: true });
  mkdirSync(INSTALLED, { recursive: true });
  for (const file of FILES) copyFileSync(join(SOURCE, file), join(INSTALLED, file));
  const args = ["ci", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", args, { cwd: INSTALLED, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm could not install what the bench compares with\n${stderr}`);
  writeFileSync(MARK, wanted);
  return INSTALLED;
}
