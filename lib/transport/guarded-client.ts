import type { HttpRequest } from "../ports/http-client";
import { destroyAgents } from "./agents";
import { axiosDriver } from "./axios";
import { httpError } from "./failure";
import { judgeUrl } from "./foreign-url";
import { guardedAgents, type Resolver } from "./guarded-agents";
import type { ClosableHttpClient } from "./http-client";
import { type HttpLimits, resolveLimits } from "./limits";
import { type OpenResponse, perform } from "./perform";
import { trustedHosts } from "./trusted-hosts";

export interface GuardedClientOptions {
  readonly limits?: Partial<HttpLimits>;
  /**
   * Hosts that may be fetched though they are private, as `host` (ports 80 and 443) or `host:port`: self-hosted upstreams
   * give out addresses of their own. @default []
   */
  readonly allow?: readonly string[];
  /** How many redirects are followed, 0 … 3; each is judged anew. @default 0 */
  readonly redirects?: number;
  /** `true`: something may be posted there, with the headers that are given. @default false */
  readonly posts?: boolean;
  /** Resolves names. @default the system's resolver */
  readonly resolve?: Resolver;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The client for addresses that somebody else chose, such as the picture URLs of an upstream: GET, without credentials, of
 * public hosts; POST where that is wanted, which is never redirected. What it refuses rejects with `blocked` before anything is sent.
 *
 * @throws TypeError or RangeError naming the option that is wrong.
 */
export function createGuardedClient(options: GuardedClientOptions = {}): ClosableHttpClient {
  const limits = resolveLimits(options.limits);
  const trusted = trustedHosts(options.allow ?? []);
  const redirects = options.redirects ?? 0;
  if (!Number.isInteger(redirects) || redirects < 0 || redirects > MAX_REDIRECTS) {
    throw new RangeError(`redirects is ${redirects}: give a whole number between 0 and ${MAX_REDIRECTS}`);
  }
  const agents = guardedAgents(trusted, options.resolve);
  const driver = axiosDriver(agents);
  let closed = false;

  async function follow(request: HttpRequest): Promise<OpenResponse> {
    let url = judgeUrl(request.url, trusted);
    for (let left = redirects; ; left -= 1) {
      const response = await perform(request, url, driver, limits);
      const location = REDIRECTS.has(response.status) ? response.headers["location"] : undefined;
      if (left === 0 || location === undefined) return response;
      response.discard();
      url = judgeUrl(location, trusted, url);
    }
  }

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
      const response = await follow(bare);
      return { status: response.status, headers: response.headers, body: response.body };
    },
    close() {
      closed = true;
      destroyAgents(agents);
    },
  };
}
