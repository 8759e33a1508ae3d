import { Hono } from "hono";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports.ts";
import type { Acceptor } from "./accept.ts";
import { createAuthenticator, type IngestKey } from "./auth.ts";
import { createHttpRoutes, refuse } from "./http.ts";
import { createRateLimiter, type IngestLimits } from "./limits.ts";
import { createSocketRoutes } from "./socket.ts";

export interface IngestAppDeps {
  acceptor: Acceptor;
  keys: readonly IngestKey[];
  limits: IngestLimits;
  log: Log;
  /** Time between two pings of a stream, in milliseconds. Default 30,000. */
  pingMs?: number;
}

/** The routes of ingest: `POST /v1/events`, `GET /v1/stream` (WebSocket) and `GET /healthz`, which alone needs no key. */
export function createIngestApp(deps: IngestAppDeps): Hono {
  const routes = {
    ...deps,
    authenticate: createAuthenticator(deps.keys),
    limiter: createRateLimiter(deps.limits.eventsPerMinutePerKey),
  };
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.route("/", createHttpRoutes(routes));
  app.route("/", createSocketRoutes(routes));
  app.onError((thrown, c) => {
    deps.log.error("ingest failed", { reason: messageOf(thrown) });
    return refuse(c, 500, "internal", "this is our fault; the events were not taken, send them again");
  });
  return app;
}
