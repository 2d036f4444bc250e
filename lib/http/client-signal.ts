import type { ServerResponse } from "node:http";

/** Why a signal of {@link clientSignal} aborted. */
export class ClientGoneError extends Error {
  constructor() {
    super("The client left before its answer was written.");
    this.name = "ClientGoneError";
  }
}

/**
 * A signal that aborts when the client has gone before its answer was written. The response is watched, not the request:
 * that one closes as soon as the body has been read.
 */
export function clientSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!res.writableFinished) controller.abort(new ClientGoneError());
  };
  // It may have left while middleware of the host was at work.
  if (res.closed) onClose();
  else res.once("close", onClose);
  return controller.signal;
}
