import { isIP } from "node:net";

import { isPublicAddress } from "../internal/public-address";
import { httpError } from "./failure";
import { type TrustedHosts, WEB_PORTS } from "./trusted-hosts";

/** Names that never leave a machine or a site (RFC 6761, 6762, 8375, and ICANN's `internal`). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|localdomain|local|internal|home\.arpa)$/;

/**
 * Judges an address that came from outside, as WHATWG parses it: so `0x7f.1`, `①②⑦.0.0.1` and `%6cocalhost` are what a
 * client would connect to.
 *
 * @throws HttpError `blocked`
 */
export function judgeUrl(text: string, trusted: TrustedHosts): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isFetchable(url, trusted)) throw httpError("blocked", "no");
  return url;
}

function isFetchable(url: URL, trusted: TrustedHosts): boolean {
  if (url.protocol !== "http:" && url.protocol !== "https:") return false;
  if (url.username !== "" || url.password !== "") return false;
  const port = portOf(url);
  if (trusted(url.hostname, port)) return true;
  if (!WEB_PORTS.has(port)) return false;
  const host = url.hostname.replace(/^\[|\]$|\.+$/g, "");
  return isIP(host) ? isPublicAddress(host) : host !== "" && !LOCAL_NAME.test(host);
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
