import { readImageHead } from "../../../internal/image-head";
import type { Preview } from "../../../ports/provider";

/** An unfinished picture, as base64 or as a data URL; nothing when its bytes are no picture. */
export function readPreview(text: string | undefined): Omit<Preview, "index"> | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text.replace(/^data:[^,]{0,128},/, ""), "base64");
  const head = readImageHead(bytes);
  return head && { type: head.contentType, bytes };
}
