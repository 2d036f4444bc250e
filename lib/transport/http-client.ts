import type { HttpClient } from "../ports/http-client";
import { destroyAgents, keepAliveAgents } from "./agents";
import { axiosDriver } from "./axios";
import { httpError } from "./failure";
import { type HttpLimits, resolveLimits } from "./limits";
import { perform } from "./perform";
import { undiciConnections } from "./undici";

/** A client that holds connections: close it. */
export interface ClosableHttpClient extends HttpClient {
  /** Cuts what is under way and refuses what comes later. Idempotent. */
  close(): void;
}

/**
 * The client for upstreams that the operator has configured, whatever their hosts are; connections are kept.
 *
 * @throws RangeError for a limit that is no duration.
 */
export function createHttpClient(given: Partial<HttpLimits> = {}): ClosableHttpClient {
  const limits = resolveLimits(given);
  const agents = keepAliveAgents();
  const bulk = undiciConnections(limits.connectMs);
  const drivers = { usual: axiosDriver(agents), bulk: bulk.driver };
  const upstreamUrl = checkedUrl();
  let closed = false;
  return {
    async request(request) {
      if (closed) throw httpError("aborted", "no", "the client is closed");
      const driver = request.bulk === true ? drivers.bulk : drivers.usual;
      return perform(request, upstreamUrl(request.url), driver, limits);
    },
    close() {
      closed = true;
      destroyAgents(agents);
      bulk.destroy();
    },
  };
}

/** Most requests go where the last one went. */
function checkedUrl(): (address: string) => URL {
  let last: { readonly text: string; readonly url: URL } | undefined;
  return (address) => {
    // From an adapter without types it may be a URL object, which can change.
    const text = String(address);
    if (last?.text === text) return last.url;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const http = url?.protocol === "http:" || url?.protocol === "https:";
    if (!url || !http || url.username !== "" || url.password !== "") {
      throw httpError("protocol", "no", "an upstream's address is http or https, without user info");
    }
    last = { text, url };
    return url;
  };
}
