import type { Context, Hono } from "hono";
import { z } from "zod";
import type { AutonomyChange } from "../../domain/autonomy.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { Autonomy } from "../../domain/service.ts";
import { Severity } from "../../domain/ticket.ts";
import { type AccessEnv, callerMay, visibleServices, whoIs } from "../access/caller.ts";

import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { isVisible } from "../visible.ts";

const Where = z.strictObject({
  service: z.string().min(1),
  severity: Severity.nullable().default(null),
  by: z.string().max(128).default("unknown"),
});
const Wanted = Where.extend({ level: Autonomy });

type Deps = Pick<DashboardDeps, "autonomy">;

/**
 * `GET`, `PUT` and `DELETE /v1/autonomy`: the effective level of each service and severity, and overrides by people.
 */
export function addAutonomyRoutes(api: Hono<AccessEnv>, deps: Deps): void {
  api.get("/v1/autonomy", async (c) => {
    const visible = visibleServices(c);
    return c.json({ autonomy: (await deps.autonomy.report()).filter(({ service }) => isVisible(visible, service)) });
  });
  api.put("/v1/autonomy", async (c) => {
    const read = Wanted.safeParse(await c.req.json().catch(() => undefined));
    return read.success ? changeTo(deps, c, read.data) : notRead(c, read.error);
  });
  api.delete("/v1/autonomy", async (c) => {
    const read = Where.safeParse(await c.req.json().catch(() => undefined));
    return read.success ? changeTo(deps, c, { ...read.data, level: null }) : notRead(c, read.error);
  });
}

function notRead(c: Context<AccessEnv>, error: z.ZodError): Response {
  const faults = error.issues.map((i) => `${i.path.join(".") || "body"}: ${i.message}`);
  return jsonError(c, 400, "invalid", faults.join("; "));
}

async function changeTo(deps: Deps, c: Context<AccessEnv>, wanted: AutonomyChange): Promise<Response> {
  if (!callerMay(c, "admin", wanted.service))
    return jsonError(c, 403, "forbidden", "An admin of the service changes its level.");
  try {
    await deps.autonomy.change({ ...wanted, by: whoIs(c) });
  } catch (thrown) {
    if (!SelfhealError.isInstance(thrown) || thrown.code !== "serviceNotFound") throw thrown;
    return jsonError(c, 404, thrown.code, thrown.message);
  }
  return c.json({ autonomy: (await deps.autonomy.report()).filter((row) => row.service === wanted.service) });
}
