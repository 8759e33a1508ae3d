import { BlockList, isIP, isIPv6 } from "node:net";

/** Who asks, as far as the network tells. */
export interface ClientAddresses {
  isTrusted(address: string | undefined): boolean;
  /** The client's address: behind trusted proxies the last hop of `X-Forwarded-For` that is none of them. IPv6 as its /64, which is what one client has. */
  of(remote: string | undefined, forwardedFor: string | null): string;
}

/** Hops of `X-Forwarded-For` that are looked at. */
const MAX_HOPS = 20;

/** Tells clients apart by address. */
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

/** IPv4 that came over an IPv6 socket is IPv4. */
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
