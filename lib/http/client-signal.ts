import type { ServerResponse } from "node:http";

import { Stop } from "../internal/stop";

/** The reason of a {@link clientStop}. */
export class ClientGoneError extends Error {
  constructor() {
    super("The client left before its answer was written.");
    this.name = "ClientGoneError";
  }
}

/**
 * Stops when the client has gone before its answer was written. The response is watched, not the request: that one closes as soon as the
 * body has been read.
 */
export function clientStop(res: ServerResponse): Stop {
  const stop = new Stop();
  const onClose = () => {
    if (!res.writableFinished) stop.abort(new ClientGoneError());
  };
  // It may have left while middleware of the host was at work.
  if (res.closed) onClose();
  else res.once("close", onClose);
  return stop;
}
