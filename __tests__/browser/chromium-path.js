"use strict";

/** Where Chromium is on this machine, and how to get it there. Plain JavaScript: it runs before anything is compiled. */
const { spawnSync } = require("node:child_process");
const { accessSync, constants, statSync } = require("node:fs");
const { delimiter, join } = require("node:path");

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** CHROMIUM says which one; otherwise the first that PATH has. */
function findChromium({ CHROMIUM, PATH = "" } = process.env) {
  if (CHROMIUM) {
    if (isExecutable(CHROMIUM)) return CHROMIUM;
    throw new Error(`CHROMIUM names no program that can be run: ${CHROMIUM}`);
  }
  const folders = PATH.split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * By apt-get, as root or with sudo where that asks for no password.
 *
 * @throws Error with what apt-get said, or why it cannot be asked
 */
function installChromium() {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const aptGet = (...args) => {
    const [program, ...rest] = [...asRoot, "apt-get", ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const { status, error, stderr } = spawnSync(program, rest, { encoding: "utf8", env });
    if (status !== 0) throw new Error(`${[program, ...rest].join(" ")} failed\n${error?.message ?? stderr}`);
  };
  aptGet("update");
  aptGet("install", "-y", "--no-install-recommends", "chromium");
  if (findChromium() === undefined) throw new Error("apt-get installed something else under that name");
}

module.exports = { findChromium, installChromium };
