import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** The pair of connection pools of one client. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * Node, uvicorn and cpp-httplib close an idle connection after 5 s. Ending ours earlier avoids sending a request, which may
 * be paid for, into a connection that is being closed.
 */
const IDLE_SOCKET_MS = 4_000;

/** Node's own 250 ms give up on a distant address too soon when a name has several. */
const ADDRESS_ATTEMPT_MS = 1_000;

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
