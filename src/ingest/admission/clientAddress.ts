import { BlockList, isIP, isIPv6 } from "node:net";

/** Determines client addresses, as far as the network reveals them. */
export interface ClientAddresses {
  isTrusted(address: string | undefined): boolean;
  /**
   * The client's address. Behind trusted proxies it is the last hop of `X-Forwarded-For` that is not a trusted proxy.
   * An IPv6 address is reduced to its /64 network, because one client has a whole /64.
   */
  of(remote: string | undefined, forwardedFor: string | null): string;
}

/** Maximum number of hops that are read from the end of `X-Forwarded-For`. */
const MAX_HOPS = 20;

/** Creates the address lookup. `trustedProxies` are addresses and networks (CIDR). */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", prefix] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (given: string | undefined): boolean => {
    const address = plain(given ?? "");
    return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  };
  return {
    isTrusted,
    of: (remote, forwardedFor) => {
      if (forwardedFor === null || !isTrusted(remote)) return bucket(remote ?? "");
      const hops = forwardedFor
        .slice(-2048)
        .split(",")
        .slice(-MAX_HOPS)
        .map((hop) => hop.trim());
      return bucket(hops.findLast((hop) => isIP(plain(hop)) !== 0 && !isTrusted(hop)) ?? remote ?? "");
    },
  };
}

/** Returns an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) as plain IPv4. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}

function bucket(given: string): string {
  const address = plain(given);
  if (!isIPv6(address)) return address;
  const [before = "", after] = (address.split("%")[0] ?? "").split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
