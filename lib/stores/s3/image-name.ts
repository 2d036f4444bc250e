import type { ImageType } from "../../ports";
import { newImageKey } from "../image-key";
import type { SettledImage } from "../medium";

/** What a key tells by itself. */
export interface KeyFacts {
  /** Epoch milliseconds, a fraction rounded up. */
  readonly expiresAt: number;
  readonly contentType: ImageType;
}

const TYPES: ReadonlyMap<string, ImageType> = new Map([
  ["p", "image/png"],
  ["j", "image/jpeg"],
  ["w", "image/webp"],
  ["g", "image/gif"],
  ["a", "image/avif"],
]);

const LETTERS = new Map([...TYPES].map(([letter, type]) => [type, letter]));

const TIME_DIGITS = 9;

const KEY = /^(?<time>[0-9a-z]{9})(?<letter>[a-z])[A-Za-z0-9_-]{32}$/;

/**
 * A key begins with the end of its image, in digits of base 36: a bucket is listed in the order of names, so what is expired stands at the
 * front and is found without looking at the rest. 192 random bits follow.
 */
export function newKey({ expiresAt, contentType }: Omit<SettledImage, "key">): string {
  const time = Math.ceil(expiresAt).toString(36).padStart(TIME_DIGITS, "0");
  return `${time}${LETTERS.get(contentType)}${newImageKey()}`;
}

/** `undefined`: no key of ours. To be asked before a key is used for anything. */
export function parseKey(key: string): KeyFacts | undefined {
  const { time, letter } = KEY.exec(key)?.groups ?? {};
  const contentType = TYPES.get(letter ?? "");
  if (time === undefined || contentType === undefined) return undefined;
  return { expiresAt: Number.parseInt(time, 36), contentType };
}

/** What all objects of a store begin with, and no other object. */
export const namesBegin = (prefix: string): string => `${prefix}eig-`;

export const objectName = (prefix: string, key: string): string => `${namesBegin(prefix)}${key}`;

/** `undefined`: not an object of ours, not to be touched. */
export function keyOf(prefix: string, name: string): string | undefined {
  if (!name.startsWith(namesBegin(prefix))) return undefined;
  const key = name.slice(namesBegin(prefix).length);
  return parseKey(key) && key;
}
