import { setTimeout as delay } from "node:timers/promises";
import { upgradeWebSocket } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { WebSocket } from "ws";
import { plainKey } from "../protocols/requestKey.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { RouteDeps } from "./httpRoutes.ts";
import type { Peer } from "./peer.ts";

/** Interval between pings, milliseconds. A client that is silent for a whole interval after a ping is disconnected. */
const PING_MS = 30_000;
/**
 * A client that does not read its acks is disconnected. It connects again and sends everything without an ack again.
 */
const MAX_UNSENT_BYTES = 1_000_000;

export interface SocketDeps extends RouteDeps {
  /** Interval between two pings, milliseconds. Default 30,000. */
  pingMs?: number | undefined;
}

/** Creates `GET /v1/stream`, the WebSocket of docs/events.md. It needs a server with `ingestServerOptions`. */
export function createSocketRoutes(deps: SocketDeps): Hono {
  const app = new Hono();
  const openPerKey = new Map<string, number>();
  // One key must not use all connections.
  const maxPerKey = Math.max(1, Math.floor(deps.limits.maxConnections / 4));

  app.get("/v1/stream", async (c, next) => {
    const address = deps.gate.addressOf(c);
    const loadFactor = await deps.gate.admit(address);
    if (loadFactor !== null) return refuse(c, 429, loadFactor.code, loadFactor.message);
    const shown = deps.gate.identify(c.req.raw, { key: plainKey });
    if (shown.kind !== "key") {
      deps.acceptor.drop("unauthorized");
      // A signature of the handshake would not cover the messages after it.
      const why = shown.kind === "signed" ? "a signing key speaks to /v1/events" : undefined;
      const { code, message } = await deps.gate.unknown(address, shown.kind === "bad" ? shown.why : why);
      return refuse(c, 401, code, message);
    }
    const { owner } = shown;
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      return refuse(c, 426, "upgradeRequired", "this address speaks WebSocket only; POST to /v1/events otherwise");
    }
    const count = openPerKey.get(owner.keyId) ?? 0;
    if (count >= maxPerKey) return refuse(c, 429, "tooManyConnections", `this key has ${count} connections open`);

    let connection: Connection | null = null;
    const upgrade = upgradeWebSocket(() => ({
      onOpen: (_event, context) => {
        if (!(context.raw instanceof WebSocket)) return context.close(1011, "no socket");
        openPerKey.set(owner.keyId, (openPerKey.get(owner.keyId) ?? 0) + 1);
        context.raw.once("close", () => openPerKey.set(owner.keyId, (openPerKey.get(owner.keyId) ?? 1) - 1));
        // ws sends a close code and closes the socket itself. Only the count of the loss remains to be done.
        context.raw.on("error", (error: Error & { code?: string }) => {
          if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
            deps.acceptor.drop("tooLarge", 1, { project: owner.project, sendsAgain: false });
        });
        const peer = watchedPeer(context.raw, deps.pingMs ?? PING_MS);
        connection = createConnection(deps, owner, peer, c.req.query("credits") === "1");
      },
      onMessage: ({ data }) => connection?.receive(typeof data === "string" ? data : decode(data)),
    }));
    return upgrade(c, next);
  });
  return app;
}

function refuse(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ error: { code, message, faults: [] } }, status);
}

function decode(data: unknown): string {
  return data instanceof ArrayBuffer ? new TextDecoder().decode(data) : "";
}

/** The socket as the stream sees it. It is pinged while it is open. */
function watchedPeer(socket: WebSocket, pingMs: number): Peer {
  const gone = new AbortController();
  let isAlive = true;
  const ping = setInterval(() => {
    // A paused socket is not read, so its pong cannot arrive.
    if (!isAlive && !socket.isPaused) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingMs);
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.once("close", () => {
    clearInterval(ping);
    gone.abort();
  });
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  return {
    isOpen,
    send: (text) => {
      if (isOpen()) socket.send(text);
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
    },
    close: (code, reason) => socket.close(code, reason),
    pause: () => {
      if (isOpen()) socket.pause();
    },
    resume: () => {
      if (isOpen()) socket.resume();
    },
    wait: (ms) => delay(ms, undefined, { signal: gone.signal }).catch(() => undefined),
  };
}
