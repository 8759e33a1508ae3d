import type { Context, Hono } from "hono";
import { z } from "zod";
import { plainText } from "../../domain/plainText.ts";
import type { MergeResult } from "../../domain/taughtRule.ts";
import { linkedTo, originOf } from "../../domain/trace.ts";
import { type AccessEnv, callerMay, visibleServices, whoIs } from "../access/caller.ts";

import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { isVisible } from "../visible.ts";

const Who = { by: z.string().max(128).default("unknown"), reason: z.string().max(500).default("") };
const Id = z.string().min(1).max(64);
const Merge = z.strictObject({ into: Id, ...Who });
const Split = z
  .strictObject({ event: Id.optional(), strict: Id.optional(), ...Who })
  .refine((body) => (body.event === undefined) !== (body.strict === undefined), "give either event or strict");

type Deps = Pick<DashboardDeps, "issues" | "mergeAndSplit" | "taughtRules">;

/**
 * `GET /v1/issues/:id` (with its variants, people's grouping rules, and the Issues of other services in its traces),
 * `POST /v1/issues/:id/merge` and `/split`, `GET /v1/issue-rules` and `DELETE /v1/issue-rules/:id`.
 */
export function addIssueRoutes(api: Hono<AccessEnv>, deps: Deps): void {
  api.get("/v1/issues/:id", async (c) => {
    const issue = await deps.issues.get(c.req.param("id"));
    if (issue === null) return jsonError(c, 404, "issueNotFound", `There is no issue ${plainText(c.req.param("id"))}.`);
    const [variants, rules, traced] = await Promise.all([
      deps.mergeAndSplit.variants(issue.id),
      deps.taughtRules.list({ issueId: issue.id }),
      deps.issues.traceEvents(issue.id),
    ]);
    const visible = visibleServices(c);
    const origin = originOf(traced);
    return c.json({
      issue,
      variants,
      rules,
      origin: origin !== null && isVisible(visible, origin.service) ? origin : null,
      linked: linkedTo(issue.id, issue.service, traced).filter(({ service }) => isVisible(visible, service)),
    });
  });
  api.post("/v1/issues/:id/merge", async (c) => {
    const body = Merge.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return invalid(c, body.error);
    const { into, reason } = body.data;
    const target = await deps.issues.get(into);
    if (target !== null && !callerMay(c, "approver", target.service))
      return jsonError(c, 404, "issueNotFound", `There is no issue ${plainText(into)}.`);
    return answer(c, await deps.mergeAndSplit.merge(c.req.param("id"), into, { by: whoIs(c), reason }));
  });
  api.post("/v1/issues/:id/split", async (c) => {
    const body = Split.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return invalid(c, body.error);
    const { event, strict = "", reason } = body.data;
    const which = event === undefined ? { strict } : { eventId: event };
    return answer(c, await deps.mergeAndSplit.split(c.req.param("id"), which, { by: whoIs(c), reason }));
  });
  api.get("/v1/issue-rules", async (c) => {
    const visible = visibleServices(c);
    return c.json({ rules: (await deps.taughtRules.list()).filter(({ service }) => isVisible(visible, service)) });
  });
  api.delete("/v1/issue-rules/:id", async (c) => answer(c, await deps.mergeAndSplit.undo(c.req.param("id"), whoIs(c))));
}

function answer(c: Context, result: MergeResult): Response {
  if (result.kind === "refused") {
    const { code, message } = result.refusal;
    return jsonError(c, code.endsWith("NotFound") ? 404 : 409, code, plainText(message));
  }
  const { rules, issueId, notes } = result;
  return c.json({ rules, issueId, notes });
}

function invalid(c: Context, error: z.ZodError): Response {
  const faults = error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  return jsonError(c, 400, "invalid", faults.join("; "));
}
