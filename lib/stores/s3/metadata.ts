import { objectMember, textMember } from "../../internal/json-shape";
import type { StoredImage } from "../../ports";
import type { SettledImage } from "../medium";
import { parseKey } from "./image-name";

const FORMAT = "express-image-gateway/1";

/** What is written beside the bytes of an image. */
export const headersOf = (image: SettledImage, owner: string) => ({
  ContentType: image.contentType,
  Metadata: {
    format: FORMAT,
    width: String(image.width),
    height: String(image.height),
    "created-at": String(image.createdAt),
    "expires-at": String(image.expiresAt),
    owner,
  },
});

/**
 * The image that an answer of the storage tells of.
 *
 * @param answer to HEAD or GET
 * @param bytes of the whole object
 * @returns `undefined` when it is none of ours, or lies under another's name
 */
export function imageOf(key: string, answer: unknown, bytes: number | undefined): StoredImage | undefined {
  const facts = parseKey(key);
  const metadata = objectMember(answer, "Metadata");
  const [width, height, createdAt, expiresAt] = ["width", "height", "created-at", "expires-at"].map((name) =>
    Number(textMember(metadata, name)),
  );
  if (!facts || bytes === undefined || textMember(metadata, "format") !== FORMAT) return undefined;
  if (!isNumber(width) || !isNumber(height) || !isNumber(createdAt) || !isNumber(expiresAt)) return undefined;
  if (Math.ceil(expiresAt) !== facts.expiresAt) return undefined;
  return { key, contentType: facts.contentType, bytes, width, height, createdAt, expiresAt };
}

const isNumber = (value: number | undefined): value is number => Number.isFinite(value);
