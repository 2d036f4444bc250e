import { member, numberMember, objectMember, textMember } from "../../internal/json-shape";
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
    throw classified(StoreFullError, "The image store cannot write", cause);
  }
}

/** @throws Error; the signal's reason when it has aborted */
export async function orBucketless<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
    throw classified(Error, "The image store cannot use its bucket", cause);
  }
}

/** The library throws these without a name or a code. */
const BY_MESSAGE: ReadonlyMap<unknown, string> = new Map([["Region is missing", "RegionMissing"]]);

/** Says what went wrong in one word, such as `SlowDown`, also as `code`: logs show nothing else of a cause. */
function classified(
  Kind: new (message: string, options: ErrorOptions) => Error,
  failed: string,
  cause: unknown,
): Error {
  const message: unknown = member(cause, "message");
  const known = BY_MESSAGE.get(message);
  const code = known ?? classOf(cause);
  if (code === undefined) return new Kind(`${failed}.`, { cause });
  const error = new Kind(`${failed} (${known === undefined ? code : message}).`, { cause });
  return Object.assign(error, { code });
}

/** `undefined` where nothing is known. A word of the storage's that is no single one might tell of bucket or address. */
function classOf(cause: unknown): string | undefined {
  const word = textMember(cause, "code") ?? textMember(cause, "name");
  if (word !== undefined && /^[A-Za-z]\w{0,63}$/.test(word) && !/^(Unknown|Error$)/.test(word)) return word;
  const status = statusOf(cause);
  return status === undefined ? undefined : `HTTP${status}`;
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
