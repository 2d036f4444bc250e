import { lookup as systemLookup } from "node:dns/promises";
import { type ClientRequestArgs, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIPv6, type LookupFunction, Socket } from "node:net";

import { isPublicAddress } from "../internal/public-address";
import type { Agents } from "./agents";
import { httpError } from "./failure";
import type { TrustedHosts } from "./trusted-hosts";

/** One address that a name has. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Gives all addresses of a name; rejects when it has none. */
export type Resolver = (name: string) => Promise<readonly ResolvedAddress[]>;

const systemResolver: Resolver = (name) => systemLookup(name, { all: true, verbatim: true });

type Connect = HttpAgent["createConnection"];

/**
 * Connections to public addresses only. The name is resolved once, every address of it is judged, the connection is made
 * to the judged ones, and the peer of each connection is judged again, whatever chose it. Nothing is kept for a later request.
 */
export function guardedAgents(trusted: TrustedHosts, resolve: Resolver = systemResolver): Agents {
  const lookup = judgedLookup(resolve);
  const guarded =
    (connect: Connect): Connect =>
    (options, callback) => {
      if (trusted(urlHost(options), Number(options.port))) return connect(options, callback);
      const socket = connect({ ...options, lookup }, callback);
      if (socket instanceof Socket) judgePeer(socket);
      return socket;
    };
  const agents = { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) };
  for (const agent of [agents.http, agents.https])
    agent.createConnection = guarded(agent.createConnection.bind(agent));
  return agents;
}

const urlHost = ({ host }: ClientRequestArgs): string => (isIPv6(host ?? "") ? `[${host}]` : (host ?? ""));

function judgePeer(socket: Socket): void {
  // Before the listeners of TLS and HTTP, so that nothing is sent.
  socket.prependOnceListener("connect", () => {
    if (!isPublicAddress(socket.remoteAddress ?? "")) socket.destroy(httpError("blocked", "no"));
  });
}

function judgedLookup(resolve: Resolver): LookupFunction {
  return (name, { all }, callback) => {
    resolve(name).then(
      (addresses) => {
        const [first] = addresses;
        const blocked = !first || !addresses.every(({ address }) => isPublicAddress(address));
        if (blocked) return callback(httpError("blocked", "no"), "", 0);
        if (all) return callback(null, [...addresses]);
        callback(null, first.address, first.family);
      },
      (error) => callback(error, "", 0),
    );
  };
}
