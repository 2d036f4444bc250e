import type { ContextHttpClient, HttpClient } from "../../ports";

/** What a context has as its `http`, as the gateway makes it. */
export const contextClient = (http: HttpClient, signal: AbortSignal): ContextHttpClient => ({
  request: (request) => http.request({ ...request, signal: request.signal ?? signal }),
});
