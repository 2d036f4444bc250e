import { DeadlineError } from "../../../internal/deadline";
import { ProviderError } from "../../../ports/provider-error";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";
import type { Api, Caller } from "./api";
import { type Inspection, inspectServer } from "./inspection";

export interface Inspector {
  /**
   * What is known of the server, asked anew when it has become old. Callers at the same time share one inspection.
   *
   * @throws ProviderError; HttpError
   */
  inspect(caller: Caller): Promise<Inspection>;
}

interface Flight {
  readonly result: Promise<Inspection>;
  /** Of the caller who asked for all. */
  readonly signal: AbortSignal;
}

export function createInspector(api: Api, isExclusive: boolean, holdMs: number): Inspector {
  let known: { readonly inspection: Inspection; readonly until: number } | undefined;
  let flight: Flight | undefined;

  async function fly(caller: Caller): Promise<Inspection> {
    try {
      const inspection = await inspectServer(api, caller, isExclusive);
      known = { inspection, until: performance.now() + holdMs };
      return inspection;
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new ProviderError("timeout", FAULT_MESSAGES.timeout, { started: "no", cause: error });
    } finally {
      flight = undefined;
    }
  }

  return {
    async inspect(caller) {
      for (;;) {
        caller.signal.throwIfAborted();
        if (known !== undefined && known.until > performance.now()) return known.inspection;
        flight ??= { result: fly(caller), signal: caller.signal };
        const { result, signal } = flight;
        try {
          return await orAborted(result, caller.signal);
        } catch (error) {
          // Whoever asked for all has gone: the next one asks.
          if (!signal.aborted || caller.signal.aborted) throw error;
        }
      }
    },
  };
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
