import { LIMITS, type LimitOptions, type Limits } from "./limits";
import { checkNames, fail } from "./options-check";

/** @throws TypeError naming the option and the remedy */
export function checkLimits(given: LimitOptions): Limits {
  checkNames(given, Object.keys(LIMITS), "limits");
  const limit = (name: keyof typeof LIMITS): number => {
    const { default: usual, min, max } = LIMITS[name];
    const value = given[name] ?? usual;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    return fail(`limits.${name}`, `must be a whole number from ${min} to ${max}`);
  };
  const uploadBytes = limit("uploadBytes");
  if (limit("inputBytesPerPrincipal") < uploadBytes) {
    fail(
      "limits.inputBytesPerPrincipal",
      `must be at least limits.uploadBytes (${uploadBytes}), or a large upload could never be accepted`,
    );
  }
  return {
    imagesPerRequest: limit("imagesPerRequest"),
    promptChars: limit("promptChars"),
    bodyBytes: limit("bodyBytes"),
    inputBytes: limit("inputBytes"),
    uploadBytes,
    uploadIdleMs: limit("uploadIdleMs"),
    inputBytesPerPrincipal: limit("inputBytesPerPrincipal"),
    imageBytes: limit("imageBytes"),
    runningPerPrincipal: limit("runningPerPrincipal"),
    queuedPerPrincipal: limit("queuedPerPrincipal"),
    queueWaitMs: limit("queueWaitMs"),
    asyncQueueWaitMs: limit("asyncQueueWaitMs"),
    jobMs: limit("jobMs"),
    asyncJobMs: limit("asyncJobMs"),
    attemptMs: limit("attemptMs"),
    connectMs: limit("connectMs"),
    firstByteMs: limit("firstByteMs"),
    idleMs: limit("idleMs"),
    progressPerSecond: limit("progressPerSecond"),
    previewsPerSecond: limit("previewsPerSecond"),
    previewBytes: limit("previewBytes"),
    socketEventsPerSecond: limit("socketEventsPerSecond"),
    socketEventBurst: limit("socketEventBurst"),
    subscriptionsPerSocket: limit("subscriptionsPerSocket"),
    socketsPerPrincipal: limit("socketsPerPrincipal"),
  };
}
