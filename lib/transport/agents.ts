import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import { ADDRESS_ATTEMPT_MS, IDLE_SOCKET_MS } from "./driver";

/** The pair of connection pools of one client. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Pools that keep connections for the next request. */
export function keepAliveAgents(): Agents {
  const options = {
    keepAlive: true,
    timeout: IDLE_SOCKET_MS,
    maxFreeSockets: 16,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
  };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

/** Cuts every connection, busy or idle. */
export function destroyAgents(agents: Agents): void {
  agents.http.destroy();
  agents.https.destroy();
}
