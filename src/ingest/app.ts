import { Hono } from "hono";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Acceptor } from "./accept.ts";
import { createAdmission } from "./admission/admission.ts";
import { createByteBudget } from "./admission/byteBudget.ts";
import type { CpuBudget } from "./admission/cpuBudget.ts";
import type { IngestKey } from "./admission/ingestKeys.ts";
import type { IngestLimits } from "./admission/rateLimiter.ts";
import type { WorkLane } from "./admission/workLane.ts";
import { PROTOCOLS } from "./protocols/index.ts";
import { createHttpRoutes } from "./transport/httpRoutes.ts";
import { createSocketRoutes } from "./transport/webSocketRoute.ts";

export interface IngestAppDeps {
  acceptor: Acceptor;
  /** The current keys. They may change while the process runs. A stream that is already open stays open. */
  keys: () => readonly IngestKey[];
  limits: IngestLimits;
  /** The lane that the acceptor uses too. */
  lane: Pick<WorkLane, "run">;
  cpu: Pick<CpuBudget, "waitFor">;
  clock: Clock;
  log: Log;
  /** Interval between two pings of a stream, milliseconds. Default 30,000. */
  pingMs?: number;
}

/**
 * Creates the routes of ingest: those of every protocol, `GET /v1/stream` (WebSocket) and `GET /healthz`. Only
 * `/healthz` needs no key.
 */
export function createIngestApp(deps: IngestAppDeps): Hono {
  const routes = { ...deps, gate: createAdmission(deps), budget: createByteBudget(deps.limits.maxBytesInFlight) };
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.route("/", createHttpRoutes(PROTOCOLS, routes));
  app.route("/", createSocketRoutes(routes));
  return app;
}
