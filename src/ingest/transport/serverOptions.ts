import type { Server } from "node:http";
import type { WebSocketServerLike } from "@hono/node-server";
import { WebSocketServer } from "ws";
import { createClientAddresses } from "../admission/clientAddress.ts";
import type { IngestLimits } from "../admission/rateLimiter.ts";

/** Timeouts of a client, milliseconds. */
export interface ConnectionTimeouts {
  requestMs: number;
  headersMs: number;
  /** Interval at which connections are checked for these timeouts. */
  checkIntervalMs: number;
}

/**
 * Node's defaults are 300 s for a whole request and a check every 30 s. With that interval the timeouts would apply
 * three times too late, and a slow sender must not keep a connection so long.
 */
const PATIENCE: ConnectionTimeouts = { requestMs: 30_000, headersMs: 10_000, checkIntervalMs: 2000 };
const MAX_HEADER_BYTES = 16_384;

/** The options that `serve()` of @hono/node-server needs, so that the limits apply before any route runs. */
export interface IngestServerOptions {
  serverOptions: {
    requestTimeout: number;
    headersTimeout: number;
    maxHeaderSize: number;
    connectionsCheckingInterval: number;
  };
  websocket: { server: WebSocketServer & WebSocketServerLike };
}

/**
 * Creates the options to spread into `serve({ fetch, port, ...ingestServerOptions(limits) })`. Call `limitConnections`
 * on the server afterwards.
 */
export function ingestServerOptions(
  limits: Pick<IngestLimits, "maxBodyBytes">,
  patience: ConnectionTimeouts = PATIENCE,
): IngestServerOptions {
  // No compression, because a compressed message can be a thousand times larger than it looks.
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.maxBodyBytes, perMessageDeflate: false });
  return {
    serverOptions: {
      requestTimeout: patience.requestMs,
      headersTimeout: patience.headersMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: patience.checkIntervalMs,
    },
    // ws declares its options wider than the adapter reads them.
    websocket: { server: server as WebSocketServer & WebSocketServerLike },
  };
}

type ConnectionLimits = Pick<IngestLimits, "maxConnections" | "maxConnectionsPerAddress" | "trustedProxies">;

/** Limits the open connections of the server, in total and per address. Further connections are closed at once. */
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

/**
 * Closes every WebSocket with code 1001, after which clients connect again elsewhere or later. Closing the HTTP server
 * leaves WebSockets open.
 */
export function closeSockets(sockets: WebSocketServer): void {
  for (const client of sockets.clients) client.close(1001, "the server stops");
}
