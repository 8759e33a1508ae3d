import type { Hono } from "hono";
import { z } from "zod";
import { uuidFrom } from "../../domain/ids.ts";
import { plainText } from "../../domain/plainText.ts";
import { suppressIssue, unsuppressIssue } from "../../domain/suppressIssue.ts";
import { type AccessEnv, callerMay, visibleServices, whoIs } from "../access/caller.ts";
import { serviceOfRef } from "../access/scope.ts";

import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { findTicket } from "../readTicketReceipt.ts";
import { isVisible } from "../visible.ts";

const Wanted = z.strictObject({
  /** The id of an Issue, or of a ticket (all its Issues). */
  of: z.string().min(1),
  reason: z.string().trim().min(1).max(2000),
  by: z.string().max(128).default("unknown"),
  forMs: z.number().int().positive(),
});

type Deps = Pick<DashboardDeps, "suppressions" | "audit" | "clock" | "issues" | "tickets">;

/** `GET`, `POST` and `DELETE /v1/suppressions`. */
export function addSuppressionRoutes(api: Hono<AccessEnv>, deps: Deps): void {
  api.get("/v1/suppressions", async (c) => {
    const visible = visibleServices(c);
    const held = await deps.suppressions.list(deps.clock.now());
    const suppressions = held.map(async (one) => {
      const issue = await deps.issues.get(one.issueId);
      // Events since the Suppression began.
      const events = await deps.issues.countSince(one.issueId, one.createdAt);
      const shown = issue === null ? visible === null : isVisible(visible, issue.service);
      return shown ? [{ ...one, title: issue?.title ?? "", events }] : [];
    });
    return c.json({ suppressions: (await Promise.all(suppressions)).flat() });
  });
  api.post("/v1/suppressions", async (c) => {
    const wanted = Wanted.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) {
      const faults = wanted.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`);
      return jsonError(c, 400, "invalid", faults.join("; "));
    }
    const { of, reason, forMs } = wanted.data;
    const by = whoIs(c);
    const service = await serviceOfRef(deps, of);
    const issueIds = service !== null && callerMay(c, "approver", service) ? await issuesOf(deps, of) : [];
    if (issueIds.length === 0)
      return jsonError(c, 404, "issueNotFound", `There is no issue or ticket ${plainText(of)}.`);
    const made = issueIds.map((issueId) => {
      const id = uuidFrom("suppression", issueId, by, String(deps.clock.now()));
      return suppressIssue(deps, { id, issueId, reason, by, forMs });
    });
    return c.json({ suppressions: await Promise.all(made) }, 201);
  });
  api.delete("/v1/suppressions/:id", async (c) => {
    const lifted = await unsuppressIssue(deps, c.req.param("id"), whoIs(c));
    if (lifted === null) return jsonError(c, 404, "suppressionNotFound", "There is no such suppression.");
    return c.json({ suppression: lifted });
  });
}

async function issuesOf(deps: Deps, of: string): Promise<readonly string[]> {
  if ((await deps.issues.get(of)) !== null) return [of];
  const lookup = await findTicket(deps, of);
  return lookup.kind === "found" ? lookup.ticket.issueIds : [];
}
