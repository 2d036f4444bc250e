import type { Stats } from "node:fs";

import { lstat, mkdir, mkdtemp, readdir, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { orPathless } from "./refusals";
import { hasEnded, MARK_PATTERN, ownMark } from "./this-process";

const PRIVATE = new RegExp(`^express-image-gateway-(${MARK_PATTERN})-[A-Za-z0-9]{6}$`);

const isOwn = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();

/** A folder of this process alone, below the system's temp folder. */
export function makePrivateFolder(): Promise<string> {
  return orPathless(async () => {
    // A courtesy: that it does not succeed is no reason not to start.
    await removeAbandoned().catch(() => {});
    return mkdtemp(join(tmpdir(), `express-image-gateway-${ownMark()}-`));
  });
}

/** A process that was killed could not remove its private folder, and nobody else knows of it. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const mark = PRIVATE.exec(name)?.[1];
    if (mark === undefined || !hasEnded(mark)) continue;
    const path = join(tmpdir(), name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isDirectory() && isOwn(stats)) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Makes the host's folder where there is none yet.
 *
 * @returns its real path, so that a link on the way which is changed later leads nowhere else
 */
export async function prepareGivenFolder(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(refuse);
  const link = await lstat(directory).catch(refuse);
  const isForeignLink = link.isSymbolicLink() && !isOwn(link) && link.uid !== 0;
  const target = await stat(directory).catch(refuse);
  if (isForeignLink || !target.isDirectory()) refuse();
  return realpath(directory).catch(refuse);
}

function refuse(cause?: unknown): never {
  const remedy = "name a folder that this process may write to, or a path where it may make one";
  throw new Error(`diskStore: option "directory" is not a usable folder; ${remedy}.`, { cause });
}
