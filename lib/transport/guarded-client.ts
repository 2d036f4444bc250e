import { destroyAgents } from "./agents";
import { axiosDriver } from "./axios";
import { httpError } from "./failure";
import { judgeUrl } from "./foreign-url";
import { guardedAgents, type Resolver } from "./guarded-agents";
import type { ClosableHttpClient } from "./http-client";
import { type HttpLimits, resolveLimits } from "./limits";
import { perform } from "./perform";
import { trustedHosts } from "./trusted-hosts";

export interface GuardedClientOptions {
  readonly limits?: Partial<HttpLimits>;
  /**
   * Hosts that may be fetched though they are private, as `host` (ports 80 and 443) or `host:port`: self-hosted upstreams
   * give out addresses of their own. @default []
   */
  readonly allow?: readonly string[];
  /** `true`: something may be posted there, with the headers that are given. @default false */
  readonly posts?: boolean;
  /** Resolves names. @default the system's resolver */
  readonly resolve?: Resolver;
}

/**
 * The client for addresses that somebody else chose, such as the picture URLs of an upstream: GET, without credentials, of
 * public hosts; POST where that is wanted. A redirect is an answer, never followed. What it refuses rejects with `blocked` before anything is sent.
 *
 * @throws TypeError or RangeError naming the option that is wrong.
 */
export function createGuardedClient(options: GuardedClientOptions = {}): ClosableHttpClient {
  const limits = resolveLimits(options.limits);
  const trusted = trustedHosts(options.allow ?? []);
  const agents = guardedAgents(trusted, options.resolve);
  const driver = axiosDriver(agents);
  let closed = false;

  return {
    async request({ method, url, headers, body, signal, maxBytes }) {
      if (closed) throw httpError("aborted", "no", "the client is closed");
      if (options.posts === true && method === "POST") {
        const post = { method, url, headers: headers ?? {}, body: body ?? "", signal, maxBytes };
        return perform(post, judgeUrl(url, trusted), driver, limits);
      }
      if (method !== "GET") throw httpError("blocked", "no", "foreign addresses are only read");
      const accept = headers?.["accept"];
      const bare = { method, url, signal, maxBytes, headers: accept === undefined ? {} : { accept } };
      return perform(bare, judgeUrl(url, trusted), driver, limits);
    },
    close() {
      closed = true;
      destroyAgents(agents);
    },
  };
}
