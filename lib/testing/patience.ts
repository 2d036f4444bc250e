import { AssertionError } from "node:assert/strict";

const TICKS = 10;

/**
 * Settles as `work` does, and fails when it does not within `ms`. The time is counted in short waits, so that a machine that
 * stands still for a moment does not pass for a provider that does.
 *
 * @throws AssertionError `what` was not done in time
 */
export async function within<T>(ms: number, what: string, work: PromiseLike<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (left: number) => {
      timer = setTimeout(() => (left > 1 ? wait(left - 1) : reject(tooLate(what, ms))), ms / TICKS);
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
 * @throws AssertionError `what` was not so in time
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

const tooLate = (what: string, ms: number) => new AssertionError({ message: `${what}: not within ${ms} ms` });
