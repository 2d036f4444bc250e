import { StoreFullError } from "../../ports";

/** What the system says holds the path: it goes no further than `cause`, which loggers do not walk. */
export async function orStoreFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StoreFullError("The image store cannot write.", { cause });
  }
}

export async function orPathless<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error("The image store cannot use its folder.", { cause });
  }
}

/** The system's error code, such as `ENOENT`. Not by `instanceof`: test runners give each file an `Error` of its own. */
export const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

/** Resolves also where the file is not there. */
export async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
