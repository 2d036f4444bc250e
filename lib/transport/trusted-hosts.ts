const ENTRY = /^(\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]\\]+)(?::(\d{1,5}))?$/;

/** The ports that a URL of a picture has on the open internet. */
export const WEB_PORTS: ReadonlySet<number> = new Set([80, 443]);

/** Does the operator vouch for this host and port? The host as WHATWG URLs write it, IPv6 in brackets. */
export type TrustedHosts = (host: string, port: number) => boolean;

/**
 * Reads `host` (on the web ports) and `host:port` entries.
 *
 * @throws TypeError naming the entry that is neither.
 */
export function trustedHosts(entries: readonly string[]): TrustedHosts {
  const trusted = new Set(entries.flatMap(endpoints));
  return (host, port) => trusted.has(`${host}:${port}`);
}

function endpoints(entry: string): string[] {
  const [, host, port] = ENTRY.exec(entry) ?? [];
  const url = `http://${host}/`;
  if (host === undefined || !URL.canParse(url) || Number(port ?? 80) > 65_535) {
    throw new TypeError(
      `allow: ${JSON.stringify(entry)} is no host; write "host" or "host:port", without a scheme`,
    );
  }
  const { hostname } = new URL(url);
  const ports = port === undefined ? [...WEB_PORTS] : [Number(port)];
  return ports.map((each) => `${hostname}:${each}`);
}
