import type * as Bullmq from "bullmq";
import type * as Ioredis from "ioredis";
import { missingPackage } from "../../internal/optional";

/** What `require("bullmq")` gives. */
export type BullmqLibrary = typeof Bullmq;
/** What `require("ioredis")` gives. */
export type IoredisLibrary = typeof Ioredis;

/**
 * Both are loaded when a queue is made, so that the package loads without them.
 *
 * @throws Error that names the remedy when it is not installed
 */
export function loadBullmq(): BullmqLibrary {
  try {
    const library: BullmqLibrary = require("bullmq");
    return library;
  } catch (error) {
    throw missingPackage("bullmqJobs()", "bullmq", error);
  }
}

/** @throws Error that names the remedy when it is not installed */
export function loadIoredis(): IoredisLibrary {
  try {
    const library: IoredisLibrary = require("ioredis");
    return library;
  } catch (error) {
    throw missingPackage("bullmqJobs()", "ioredis", error);
  }
}
