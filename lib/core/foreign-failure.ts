import { unlessFailed } from "../internal/and-then";
import { HTTP_FAULTS, HttpError, ProviderError } from "../ports";

/** An adapter is to reject with ProviderError only; whatever else it throws counts as its own fault. */
export const asProviderError = <T>(work: () => T | Promise<T>): T | Promise<T> =>
  unlessFailed(work, (error) => {
    throw foreignFailure(error, "called");
  });

/** The same for what an adapter hands out piece by piece, once its call has been answered. */
export const classified = <T>(
  open: () => AsyncIterable<T> | Iterable<T>,
): AsyncIterableIterator<T, undefined> => new Classified(open);

/** An async generator would do as well, and cost each picture as much as ten promises. */
class Classified<T> implements AsyncIterableIterator<T, undefined> {
  readonly #open: () => AsyncIterable<T> | Iterable<T>;
  #source: AsyncIterator<T> | undefined;
  #isOver = false;

  constructor(open: () => AsyncIterable<T> | Iterable<T>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return DONE;
    try {
      this.#source ??= iteratorOf(this.#open());
      const { done = false, value } = await this.#source.next();
      this.#isOver = done;
      return done ? DONE : { done, value };
    } catch (error) {
      this.#isOver = true;
      throw foreignFailure(error, "answered");
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true;
    try {
      await this.#source?.return?.();
    } catch (error) {
      throw foreignFailure(error, "answered");
    }
    return DONE;
  }
}

const DONE = { done: true, value: undefined } as const;

const iteratorOf = <T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : eachOf(source);

async function* eachOf<T>(source: Iterable<T>): AsyncGenerator<T, undefined> {
  yield* source;
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
