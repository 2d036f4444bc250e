import { BlockList, isIP } from "node:net";

/**
 * IPv4 that is not a public host. Source: IANA's IPv4 special-purpose registry, multicast and reserved space, and the two
 * metadata addresses of clouds that lie outside of it.
 */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/**
 * Global unicast IPv6 is this one block; everything outside of it (loopback, mapped and compatible IPv4, NAT64, ULA, link-local,
 * site-local, multicast, discard) is refused without being listed.
 */
const GLOBAL_V6 = ["2000::/3"];

/** What within it is not a public host: IETF protocols with Teredo and ORCHID, documentation, 6to4, AS112, documentation. */
const NOT_PUBLIC_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"];

function blockList(family: "ipv4" | "ipv6", subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", bits] = subnet.split("/");
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const notPublicV4 = blockList("ipv4", NOT_PUBLIC_V4);
const globalV6 = blockList("ipv6", GLOBAL_V6);
const notPublicV6 = blockList("ipv6", NOT_PUBLIC_V6);

/** Is this the address of a host on the public internet? Anything that is no address is not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, "ipv4");
    case 6:
      return !address.includes("%") && globalV6.check(address, "ipv6") && !notPublicV6.check(address, "ipv6");
    default:
      return false;
  }
}
