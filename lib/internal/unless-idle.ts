import { untilAborted } from "./until-aborted";

/**
 * Hands on what `source` yields, and rejects when it has yielded nothing for `ms` while somebody waited for it. It is then told to return
 * and not waited for.
 *
 * @param reason what it rejects with
 */
export async function* unlessIdle<T>(
  source: AsyncIterable<T>,
  ms: number,
  reason: () => Error,
): AsyncGenerator<T> {
  const idle = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => idle.abort(reason()), ms);
  };
  try {
    wait();
    for await (const value of untilAborted(source, idle.signal)) {
      clearTimeout(timer);
      yield value;
      wait();
    }
  } finally {
    clearTimeout(timer);
  }
}
