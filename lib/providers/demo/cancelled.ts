import { ProviderError } from "../../ports";

/** What the work gives, or `cancelled` as soon as the signal aborts; the work itself may then end unheard. */
export async function orCancelled<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled("yes"));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    // The work hears the signal too, and may have said so first, in its own words.
    throw signal.aborted ? cancelled("yes") : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

export function cancelled(started: "no" | "yes"): ProviderError {
  return new ProviderError("cancelled", "The picture was cancelled.", { started });
}

/** Whatever went wrong, as the one error that a provider rejects with. */
export function asProviderError(error: unknown): ProviderError {
  if (ProviderError.is(error)) return error;
  return new ProviderError("internal", "The picture could not be drawn.", { started: "yes", cause: error });
}
