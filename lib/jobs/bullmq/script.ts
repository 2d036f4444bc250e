import { createHash } from "node:crypto";

/** A Lua script that Redis runs as one step. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export const script = (...parts: readonly string[]): Script => {
  const text = parts.join("\n");
  return { text, sha: createHash("sha1").update(text).digest("hex") };
};
