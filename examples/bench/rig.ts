import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Child } from "./processes/child";

/** What stands around the contestants: the upstream, the callers, and a place for temporary files. */
export interface Rig {
  /** Such as `http://127.0.0.1:4000/v1`. */
  readonly upstreamUrl: string;
  readonly upstream: Child;
  readonly load: Child;
  /** Other people's packages; empty where none are needed. */
  readonly thirdParty: string;
  /** An empty folder, gone with the rig at the latest. */
  makeFolder(): Promise<string>;
  close(): Promise<void>;
}

export async function startRig(thirdParty: string): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "image-bench-"));
  const upstream = new Child(require.resolve("./upstream/main"), [], folder);
  const load = new Child(require.resolve("./load/main"), [], folder);
  const close = async () => {
    await Promise.all([upstream.stop(), load.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await upstream.listening();
    const makeFolder = () => mkdtemp(join(folder, "server-"));
    return { upstreamUrl: `http://127.0.0.1:${port}/v1`, upstream, load, thirdParty, makeFolder, close };
  } catch (error) {
    await close();
    throw error;
  }
}
