import type { Hono } from "hono";
import { z } from "zod";
import { uuidFrom } from "../../domain/ids.ts";
import { plainText } from "../../domain/plainText.ts";
import { suppressIssue, unsuppressIssue } from "../../domain/suppressIssue.ts";
import type { AdminEnv } from "../access/requireAdmin.ts";
import { whoIs } from "../access/whoIs.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { findTicket } from "../readTicketReceipt.ts";

const Wanted = z.strictObject({
  /** The id of an Issue, or of a ticket (all its Issues). */
  of: z.string().min(1),
  reason: z.string().trim().min(1).max(2000),
  by: z.string().max(128).default("unknown"),
  forMs: z.number().int().positive(),
});

type Deps = Pick<DashboardDeps, "suppressions" | "audit" | "clock" | "issues" | "tickets">;

/** `GET`, `POST` and `DELETE /v1/suppressions`. */
export function addSuppressionRoutes(api: Hono<AdminEnv>, deps: Deps): void {
  api.get("/v1/suppressions", async (c) => {
    const held = await deps.suppressions.list(deps.clock.now());
    const suppressions = held.map(async (one) => ({
      ...one,
      title: (await deps.issues.get(one.issueId))?.title ?? "",
      /** Events since the Suppression began. */
      events: await deps.issues.countSince(one.issueId, one.createdAt),
    }));
    return c.json({ suppressions: await Promise.all(suppressions) });
  });
  api.post("/v1/suppressions", async (c) => {
    const wanted = Wanted.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) {
      const faults = wanted.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`);
      return jsonError(c, 400, "invalid", faults.join("; "));
    }
    const { of, reason, forMs } = wanted.data;
    const by = whoIs(c, wanted.data.by);
    const issueIds = await issuesOf(deps, of);
    if (issueIds.length === 0)
      return jsonError(c, 404, "issueNotFound", `There is no issue or ticket ${plainText(of)}.`);
    const made = issueIds.map((issueId) => {
      const id = uuidFrom("suppression", issueId, by, String(deps.clock.now()));
      return suppressIssue(deps, { id, issueId, reason, by, forMs });
    });
    return c.json({ suppressions: await Promise.all(made) }, 201);
  });
  api.delete("/v1/suppressions/:id", async (c) => {
    const lifted = await unsuppressIssue(deps, c.req.param("id"), whoIs(c, c.req.query("by") ?? "unknown"));
    if (lifted === null) return jsonError(c, 404, "suppressionNotFound", "There is no such suppression.");
    return c.json({ suppression: lifted });
  });
}

async function issuesOf(deps: Deps, of: string): Promise<readonly string[]> {
  if ((await deps.issues.get(of)) !== null) return [of];
  const lookup = await findTicket(deps, of);
  return lookup.kind === "found" ? lookup.ticket.issueIds : [];
}
