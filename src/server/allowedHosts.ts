import type { MiddlewareHandler } from "hono";

/** Names of this machine. They never belong to a page of somebody else. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses requests whose `Host` names none of the allowed hosts, with 421. It ends DNS rebinding: a page of an attacker
 * whose name resolves to this machine sends its own name. Names of this machine and the host of `publicUrl` are always
 * allowed, and `/healthz` answers everybody. Without a list every host is allowed, because a reverse proxy may pass on any.
 */
export function allowHosts(hosts: readonly string[], publicUrl?: string): MiddlewareHandler {
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const allowed = new Set([...hosts, ...LOOPBACK, ...own].map((host) => host.toLowerCase()));
  return async (c, next) => {
    if (hosts.length === 0 || c.req.path === "/healthz" || allowed.has(hostnameOf(c.req.header("host")))) return next();
    const message =
      "this server does not answer to this Host: name it in allowedHosts, or ask for a host that is named";
    return c.json({ error: { code: "hostNotAllowed", message, faults: [] } }, 421);
  };
}

/** The host without its port, lower case. An IPv6 address keeps its brackets. */
function hostnameOf(header = ""): string {
  return header
    .trim()
    .replace(/:\d{1,5}$/, "")
    .toLowerCase();
}
