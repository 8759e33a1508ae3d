import type { Server } from "node:http";
import type { WebSocketServerLike } from "@hono/node-server";
import { WebSocketServer } from "ws";
import { createClientAddresses } from "../admission/clientAddress.ts";
import type { IngestLimits } from "../admission/rateLimiter.ts";

/** How long a client may take, milliseconds. */
export interface Patience {
  requestMs: number;
  headersMs: number;
  /** How often it is looked for late ones. */
  lookEveryMs: number;
}

/**
 * Node's own defaults are 300 s for a whole request, and a look for late ones every 30 s, so that its timeouts would come
 * three times too late; a slow sender must not hold a connection so long.
 */
const PATIENCE: Patience = { requestMs: 30_000, headersMs: 10_000, lookEveryMs: 2000 };
const MAX_HEADER_BYTES = 16_384;

/** What `serve()` of @hono/node-server must be given, so that the limits hold before any route runs. */
export interface IngestServerOptions {
  serverOptions: {
    requestTimeout: number;
    headersTimeout: number;
    maxHeaderSize: number;
    connectionsCheckingInterval: number;
  };
  websocket: { server: WebSocketServer & WebSocketServerLike };
}

/** Options to spread into `serve({ fetch, port, ...ingestServerOptions(limits) })`; then call `limitConnections` on the server. */
export function ingestServerOptions(
  limits: Pick<IngestLimits, "maxBodyBytes">,
  patience: Patience = PATIENCE,
): IngestServerOptions {
  // Without compression: a compressed message can be a thousand times larger than it looks.
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.maxBodyBytes, perMessageDeflate: false });
  return {
    serverOptions: {
      requestTimeout: patience.requestMs,
      headersTimeout: patience.headersMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: patience.lookEveryMs,
    },
    // ws types its options wider than the adapter reads them.
    websocket: { server: server as WebSocketServer & WebSocketServerLike },
  };
}

type ConnectionLimits = Pick<IngestLimits, "maxConnections" | "maxConnectionsPerAddress" | "trustedProxies">;

/** Bounds the open connections of the server, in all and of each address; further ones are refused at once. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  server.maxConnections = limits.maxConnections;
  const addresses = createClientAddresses(limits.trustedProxies);
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    if (addresses.isTrusted(socket.remoteAddress)) return;
    const address = addresses.of(socket.remoteAddress, null);
    const count = open.get(address) ?? 0;
    if (count >= limits.maxConnectionsPerAddress) return socket.destroy();
    open.set(address, count + 1);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

/** Says goodbye to every client (1001: they connect again elsewhere or later); closing the HTTP server leaves them open. */
export function closeSockets(sockets: WebSocketServer): void {
  for (const client of sockets.clients) client.close(1001, "the server stops");
}
