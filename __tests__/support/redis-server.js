"use strict";

/** Whether redis-server is on this machine, and how to get it there. Plain JavaScript: it runs before anything is compiled. */
const { spawnSync } = require("node:child_process");

const REDIS_SERVER = "redis-server";

const findRedis = () => spawnSync(REDIS_SERVER, ["--version"]).status === 0;

/**
 * By apt-get, as root or with sudo where that asks for no password.
 *
 * @throws Error with what apt-get said
 */
function installRedis() {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const aptGet = (...args) => {
    const [program, ...rest] = [...asRoot, "apt-get", ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const { status, error, stderr } = spawnSync(program, rest, { encoding: "utf8", env });
    if (status !== 0) throw new Error(`${[program, ...rest].join(" ")} failed\n${error?.message ?? stderr}`);
  };
  aptGet("update");
  aptGet("install", "-y", "--no-install-recommends", REDIS_SERVER);
  if (!findRedis()) throw new Error("apt-get installed something else under that name");
}

module.exports = { REDIS_SERVER, findRedis, installRedis };
