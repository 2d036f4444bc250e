import type { Stopping } from "../internal/stop";
import type { ContextHttpClient, HttpClient } from "../ports";

/** The client of a context: its requests end with that, unless they say when themselves. */
export const contextClient = (http: HttpClient, signal: Stopping): ContextHttpClient => ({
  // Spread into a literal with one member more, each request would be of a kind of its own to V8.
  request: (request) => http.request(Object.assign({}, request, { signal: request.signal ?? signal })),
});
