import { providerError } from "../faults";
import { stopRun } from "../server/stop";
import type { Call, RunTools } from "./call";

/** An aborted call is told as cancelled within a second, also when the server takes longer to confirm. */
const STOP_WAIT_MS = 700;

/** Makes one kind of error of whatever goes wrong in a call, and on an abort tells the server. */
export async function guarded<T>(
  { background, timing }: RunTools,
  { course, ctx }: Call,
  work: () => Promise<T>,
): Promise<T> {
  try {
    ctx.signal.throwIfAborted();
    return await unlessAborted(work(), ctx.signal);
  } catch (error) {
    const { server, submitting } = course;
    if (ctx.signal.aborted && course.started !== "no" && server !== undefined) {
      await background.atMost(STOP_WAIT_MS, timing.cancelMs, async (signal) => {
        signal.addEventListener("abort", () => submitting?.giveUp.abort(signal.reason), { once: true });
        // What is on its way to the server can only be stopped once it has arrived.
        await submitting?.answer.catch(() => {});
        await stopRun(server.api, server.watcher, { http: ctx.http, signal }, course.promptId);
      });
    }
    throw providerError(error, ctx.signal, course.started);
  }
}

/** Rejects with the signal's reason as soon as it aborts; the work is left to itself then. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
