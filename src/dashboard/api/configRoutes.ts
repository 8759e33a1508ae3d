import type { Hono } from "hono";
import { type AccessEnv, whoIs } from "../access/caller.ts";
import { jsonError } from "../errorResponses.ts";

/** The result of reading the configuration again. */
export type Reloaded =
  | { kind: "reloaded"; changed: string[]; needsRestart: string[] }
  | { kind: "rejected"; faults: string[] };

/**
 * `POST /v1/config/reload`: reads the configuration file again, as SIGHUP or a change of the file does. A faulty file
 * changes nothing (422).
 */
export function addConfigRoute(app: Hono<AccessEnv>, reload: (actor: string) => Promise<Reloaded>): void {
  app.post("/v1/config/reload", async (c) => {
    const done = await reload(`person:${whoIs(c)}`);
    if (done.kind === "reloaded") return c.json({ changed: done.changed, needsRestart: done.needsRestart });
    return jsonError(c, 422, "config", `The former configuration holds on: ${done.faults.join("; ")}`);
  });
}
