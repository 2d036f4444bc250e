import { GatewayError, type JobOutcome, ProviderError, type StopSignal } from "../../ports";
import { internalError } from "../../ports/common-errors";
import { toJobError } from "../../ports/job-error";
import { toGatewayError } from "../faults";

/**
 * How a job ends that did not succeed.
 *
 * @param hasBegun an upstream call may have been made
 */
export function failedOutcome(error: unknown, signal: StopSignal, hasBegun: boolean): JobOutcome {
  const { reason } = signal;
  if (!GatewayError.is(reason)) {
    const explained = explain(error);
    const status = explained.code === "job_cancelled" ? "cancelled" : "failed";
    return { status, error: toJobError(explained) };
  }
  if (reason.code === "job_cancelled") return { status: "cancelled", error: toJobError(reason) };
  return { status: "failed", error: toJobError(hasBegun ? interrupted(reason) : reason) };
}

/** The failure that forbids a repeat, if there is one: what one of the calls did may have been billed. */
export const decisive = (failures: readonly unknown[]): unknown =>
  failures.find((error) => !explain(error).retry) ?? failures[0];

/** Work that was begun may be billed: whatever stopped it, it is not to be asked for again by a machine. */
const interrupted = (reason: GatewayError): GatewayError =>
  new GatewayError(
    reason.code,
    "The job was stopped while the provider worked on it; it may have been paid for.",
    { retry: false, cause: reason },
  );

function explain(error: unknown): GatewayError {
  if (GatewayError.is(error)) return error;
  if (ProviderError.is(error)) return toGatewayError(error);
  return internalError(error);
}
