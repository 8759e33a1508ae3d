import type { Hono } from "hono";
import type { AdminEnv } from "../access/requireAdmin.ts";
import { jsonError } from "../errorResponses.ts";

/** The result of reading the configuration again. */
export type Reloaded =
  | { kind: "reloaded"; changed: string[]; needsRestart: string[] }
  | { kind: "rejected"; faults: string[] };

/**
 * `POST /v1/config/reload`: reads the configuration file again, as SIGHUP or a change of the file does. A faulty file
 * changes nothing (422).
 */
export function addConfigRoute(app: Hono<AdminEnv>, reload: (actor: string) => Promise<Reloaded>): void {
  app.post("/v1/config/reload", async (c) => {
    const admin = c.get("admin");
    const done = await reload(admin.via === "session" ? `person:${admin.session.by}` : "person:admin");
    if (done.kind === "reloaded") return c.json({ changed: done.changed, needsRestart: done.needsRestart });
    return jsonError(c, 422, "config", `The former configuration holds on: ${done.faults.join("; ")}`);
  });
}
