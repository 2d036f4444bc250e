import { AssertionError } from "node:assert/strict";

const TICKS = 10;

/** Something took longer than it may. */
class LateError extends AssertionError {
  constructor(what: string, ms: number) {
    super({ message: `${what}: not within ${ms} ms` });
  }
}

/**
 * Settles as `work` does, and fails when it does not within `ms`. The time is counted in short waits, so that a machine that
 * stands still for a moment does not pass for a provider that does.
 *
 * @throws LateError `what` was not done in time
 */
export async function within<T>(ms: number, what: string, work: PromiseLike<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (left: number) => {
      timer = setTimeout(() => (left > 1 ? wait(left - 1) : reject(new LateError(what, ms))), ms / TICKS);
    };
    wait(TICKS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until `probe` says yes.
 *
 * @throws LateError `what` was not so in time
 */
export async function until(ms: number, what: string, probe: () => boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const met = new Promise<void>((resolve) => {
    const look = () => {
      if (probe()) resolve();
      else timer = setTimeout(look, 1);
    };
    look();
  });
  try {
    await within(ms, what, met);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for work whose result nobody wants: an answer and a rejection are both fine.
 *
 * @throws LateError when one of them was given up by {@link within}
 */
export async function allEnd(works: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === "rejected" && result.reason instanceof LateError) throw result.reason;
  }
}
