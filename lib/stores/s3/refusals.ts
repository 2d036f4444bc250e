import { numberMember, objectMember, textMember } from "../../internal/json-shape";
import { StoreFullError } from "../../ports";

/**
 * What the storage says may hold the bucket, the endpoint or the key id: it goes no further than `cause`, which loggers do not walk.
 *
 * @throws StoreFullError; the signal's reason when it has aborted
 */
export async function orStoreFull<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
    throw coded(new StoreFullError("The image store cannot write.", { cause }));
  }
}

/** @throws Error; the signal's reason when it has aborted */
export async function orBucketless<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
    throw coded(new Error("The image store cannot use its bucket.", { cause }));
  }
}

/** What went wrong as one word, such as `SlowDown`: for logs, which show nothing else of a cause. */
function coded(error: Error): Error {
  const { cause } = error;
  const name = textMember(cause, "code") ?? textMember(cause, "name") ?? "Unknown";
  return Object.assign(error, { code: name.startsWith("Unknown") ? `HTTP${statusOf(cause)}` : name });
}

/** `undefined` where the storage says that the object is not there. */
export async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404;

/** An answer to HEAD has no body that could name the error. */
const statusOf = (error: unknown): number | undefined =>
  numberMember(objectMember(error, "$metadata"), "httpStatusCode");
