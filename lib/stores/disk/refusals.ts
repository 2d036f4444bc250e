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

/** The system's error code, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Resolves also where the file is not there. */
export async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
