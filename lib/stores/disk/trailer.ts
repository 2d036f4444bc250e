import type { ImageType, StoredImage } from "../../ports";

/** What stands after the bytes of an image in its file. */
export interface Trailer {
  readonly image: StoredImage;
  readonly owner: string;
  readonly hold: string;
}

/**
 * A trailer rather than a header: the image's bytes keep their own offsets, a picture viewer opens the file as it is, and
 * how many bytes there are and when they were complete is known only at the end. A file cut short has no trailer.
 */
export const TRAILER_BYTES = 512;

const FORMAT = "express-image-gateway/1";

const TYPES: readonly ImageType[] = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"];

/** One line of JSON, filled up with blanks. */
export function formatTrailer({ image, owner, hold }: Trailer): Uint8Array {
  const line = JSON.stringify({ format: FORMAT, ...image, owner, hold });
  return Buffer.from(`${line.padEnd(TRAILER_BYTES - 1)}\n`, "latin1");
}

/** @param fileBytes size of the whole file @returns `undefined` when it is no trailer of a whole image */
export function parseTrailer(bytes: Uint8Array, fileBytes: number): Trailer | undefined {
  const { format, key, contentType, owner, hold, ...numbers } = parseObject(
    Buffer.from(bytes).toString("latin1"),
  );
  const { bytes: length, width, height, createdAt, expiresAt } = numbers;
  const type = TYPES.find((known) => known === contentType);
  if (format !== FORMAT || type === undefined || length !== fileBytes - TRAILER_BYTES) return undefined;
  if (!isText(key) || !isText(owner) || !isText(hold)) return undefined;
  if (!isNumber(width) || !isNumber(height) || !isNumber(createdAt) || !isNumber(expiresAt)) return undefined;
  return {
    image: { key, contentType: type, bytes: length, width, height, createdAt, expiresAt },
    owner,
    hold,
  };
}

type Fields = Partial<Record<keyof StoredImage | "format" | "owner" | "hold", unknown>>;

function parseObject(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

const isNumber = (value: unknown): value is number => typeof value === "number";
