import { randomBytes } from "node:crypto";

/** `prefix` and 32 lower-case hex digits: 128 random bits, unguessable. */
export const newId = (prefix: string): string => prefix + randomBytes(16).toString("hex");
