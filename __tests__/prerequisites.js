"use strict";

/**
 * What the tests need beyond npm, made once and kept in .cache: a Python environment with the published clients.
 * What cannot be had is named, and the step fails.
 */
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const venv = join(root, ".cache/venv");
const requirements = join(__dirname, "contract/requirements.txt");

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")} failed\n${error?.message ?? stderr}`);
}

/** Made anew when the requirements change. */
function pythonClients() {
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const mark = join(venv, "requirements.sha256");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(join(root, ".cache"), { recursive: true });
  run("python3", ["-m", "venv", venv]);
  run(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(mark, wanted);
}

const wants = [["Python 3 with venv, and the clients of __tests__/contract/requirements.txt", pythonClients]];

for (const [name, make] of wants) {
  try {
    make();
  } catch (error) {
    console.error(`missing: ${name}\n${error.message}`);
    process.exitCode = 1;
  }
}
