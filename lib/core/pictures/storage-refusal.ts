import { GatewayError, StoreFullError } from "../../ports";

/** What a caller is told of a store that keeps nothing more, as long as nothing has been paid for. */
export function storageRefusal(cause: unknown): GatewayError {
  const message = StoreFullError.is(cause)
    ? "There is no room for the pictures right now. Try again later."
    : "Pictures cannot be kept right now. Try again later.";
  return new GatewayError("storage_unavailable", message, { cause, retryAfterSeconds: 30 });
}
