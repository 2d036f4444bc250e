import { HTTP_FAULTS, HttpError, ProviderError } from "../ports";

/** An adapter is to reject with ProviderError only; whatever else it throws counts as its own fault. */
export async function asProviderError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw foreignFailure(error, "called");
  }
}

/** The same for what an adapter hands out piece by piece, once its call has been answered. */
export async function* classified<T>(open: () => AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  try {
    yield* open();
  } catch (error) {
    throw foreignFailure(error, "answered");
  }
}

/** How far the call has come: what is answered is made, and billed. */
type Stage = "called" | "answered";

export function foreignFailure(error: unknown, stage: Stage): ProviderError {
  if (ProviderError.is(error)) return error;
  if (HttpError.is(error)) {
    const started = stage === "answered" ? "yes" : error.started;
    const fault = stage === "answered" && error.failure === "reset" ? "protocol" : HTTP_FAULTS[error.failure];
    return new ProviderError(fault, "The connection to the provider failed.", {
      started,
      cause: error,
    });
  }
  return new ProviderError("internal", "The provider failed.", { started: "maybe", cause: error });
}
