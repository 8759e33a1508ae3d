import type { Hono } from "hono";
import { z } from "zod";
import type { Retention } from "../../domain/ports/retention.ts";
import type { AccessEnv } from "../access/caller.ts";
import { jsonError } from "../errorResponses.ts";

const Body = z.strictObject({ dryRun: z.boolean().default(false) });

/** `POST /v1/retention`: runs the retention job now. Mount it behind `requireAccess`. */
export function addRetentionRoute(app: Hono<AccessEnv>, retention: Retention): void {
  app.post("/v1/retention", async (c) => {
    const body = Body.safeParse(await c.req.json().catch(() => ({})));
    if (!body.success)
      return jsonError(c, 400, "invalid", "The body may have dryRun (true or false), and nothing else.");
    return c.json(await retention.run(body.data));
  });
}
