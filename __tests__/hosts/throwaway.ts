import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { packTo, type Tarball } from "./packed";

const exec = promisify(execFile);

const cache = join(__dirname, "../../.cache/hosts");

/** Everything of one test file that is outside the repository; removed as a whole. */
export interface Workshop {
  readonly tarball: Tarball;
  /** A project with the files of a host, what it needs from others, and the package fresh from the tarball. */
  project(host: string): Promise<string>;
  remove(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "express-image-gateway-hosts-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const tarball = await packTo(folder);
    return { tarball, remove, project: (host) => makeProject(join(folder, host), host, tarball) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeProject(project: string, host: string, { file }: Tarball): Promise<string> {
  await cp(join(__dirname, host), project, { recursive: true });
  await cp(join(cache, host, "node_modules"), join(project, "node_modules"), {
    recursive: true,
    verbatimSymlinks: true,
  }).catch((cause: unknown) => {
    throw new Error(`.cache/hosts/${host} is missing: run \`node __tests__/prerequisites.js\``, { cause });
  });
  const place = join(project, "node_modules/express-image-gateway");
  await mkdir(place);
  await exec("tar", ["-xzf", file, "-C", place, "--strip-components=1"]);
  return project;
}
