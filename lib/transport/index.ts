export { createGuardedClient, type GuardedClientOptions } from "./guarded-client";
export { type ClosableHttpClient, createHttpClient } from "./http-client";
export type { HttpLimits } from "./limits";
