import { open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Draft } from "../medium";

import { draftName, imageName } from "./file-name";
import { orStoreFull } from "./refusals";
import { formatTrailer } from "./trailer";

/** An image in a file of its own, which becomes visible by being renamed. */
export async function openDraft(folder: string, id: string): Promise<Draft> {
  const path = join(folder, draftName(id));
  const handle = await orStoreFull(() => open(path, "wx", 0o600));
  return {
    append: (chunk) => orStoreFull(() => handle.writeFile(chunk)),
    commit: (image, about) =>
      orStoreFull(async () => {
        await handle.writeFile(formatTrailer({ image, ...about }));
        await handle.close();
        await rename(path, join(folder, imageName(image.key)));
      }),
    // Best effort: what remains is found by a later sweep.
    discard: async () => {
      await Promise.allSettled([handle.close()]);
      await Promise.allSettled([unlink(path)]);
    },
  };
}
