import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for each test of the file that asks for one; all are removed in the end. */
export function temporaryFolders(): () => Promise<string> {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "stores-"));
    folders.push(folder);
    return folder;
  };
}

/** Files below `folder` that this process has open. Linux only. */
export async function openFilesIn(folder: string): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((fd) =>
    readlink(join("/proc/self/fd", fd)).catch(() => ""),
  );
  return (await Promise.all(links)).filter((target) => target.startsWith(folder));
}

export const itOnLinux = process.platform === "linux" ? it : it.skip;
