import type { Stopping } from "../internal/stop";
import type { ContextHttpClient, HttpClient } from "../ports";

/** The client of a context: its requests end with that, unless they say when themselves. */
export const contextClient = (http: HttpClient, signal: Stopping): ContextHttpClient => ({
  request: (request) => http.request({ ...request, signal: request.signal ?? signal }),
});
