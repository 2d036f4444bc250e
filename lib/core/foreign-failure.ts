import { HttpError, ProviderError } from "../ports";

/** An adapter is to reject with ProviderError only; whatever else it throws counts as its own fault. */
export async function asProviderError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw classify(error);
  }
}

/** The same for what an adapter hands out piece by piece. */
export async function* classified<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    throw classify(error);
  }
}

const classify = (error: unknown): unknown =>
  ProviderError.is(error) || HttpError.is(error)
    ? error
    : new ProviderError("internal", "The provider failed.", { started: "maybe", cause: error });
