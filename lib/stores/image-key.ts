import { randomBytes } from "node:crypto";

/** 32 characters, 192 random bits. */
export const newImageKey = (): string => randomBytes(24).toString("base64url");

/** To be asked before a key is used for anything: no dot, slash or NUL passes. */
export const isImageKey = (key: string): boolean => /^[A-Za-z0-9_-]{22,64}$/.test(key);
