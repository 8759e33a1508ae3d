import type { Context, Hono } from "hono";
import { z } from "zod";
import type { AuditEntry } from "../../domain/audit.ts";
import { exportLine } from "../../domain/auditChain.ts";
import { type AccessEnv, visibleServices } from "../access/caller.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { visibleTickets } from "../visible.ts";
import { given, Limit, withInput } from "./input.ts";

/** Entries per page, so that an export of any length needs the memory of one page only. */
const PAGE = 500;

const VerifyQuery = z.object({
  expect: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be a head: 64 hex digits")
    .optional(),
});

const ListQuery = z.object({ ticketId: z.string().optional(), limit: Limit });

/** `GET /v1/audit`, `GET /v1/audit/verify` and `GET /v1/audit/export`. */
export function addAuditRoutes(
  api: Hono<AccessEnv>,
  { audit, tickets }: Pick<DashboardDeps, "audit" | "tickets">,
): void {
  api.get("/v1/audit", (c) =>
    withInput(c, ListQuery, c.req.query(), async (filter) => {
      const visible = visibleServices(c);
      if (visible === null) return c.json({ entries: await audit.list(given(filter)) });
      const ids = (await visibleTickets(tickets, visible)).map(({ id }) => id);
      return c.json({ entries: await entriesOf(audit, ids, filter) });
    }),
  );
  api.get("/v1/audit/verify", async (c) => {
    const query = VerifyQuery.safeParse(c.req.query());
    if (!query.success) return jsonError(c, 400, "invalid", `expect: ${query.error.issues[0]?.message}`);
    return c.json(await audit.verify(query.data.expect));
  });
  api.get("/v1/audit/export", (c) => exported(c, audit, c.req.query("ticketId")));
}

/** The newest entries of these tickets. Entries that belong to no ticket are not among them. */
async function entriesOf(
  audit: DashboardDeps["audit"],
  ids: readonly string[],
  { ticketId, limit }: z.infer<typeof ListQuery>,
): Promise<AuditEntry[]> {
  const asked = ids.filter((id) => ticketId === undefined || id === ticketId);
  const lists = await Promise.all(asked.map((id) => audit.list({ ticketId: id, limit })));
  return lists
    .flat()
    .toSorted((a, b) => b.sequence - a.sequence)
    .slice(0, limit);
}

/** Streams one JSON entry per line, oldest first, each with its hash. */
function exported(c: Context, audit: DashboardDeps["audit"], ticketId: string | undefined): Response {
  let after = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const rows = await audit.page({ after, limit: PAGE, ...(ticketId !== undefined && { ticketId }) });
      const newest = rows.at(-1);
      if (newest === undefined) return controller.close();
      after = newest.sequence;
      controller.enqueue(new TextEncoder().encode(rows.map((row) => `${exportLine(row)}\n`).join("")));
    },
  });
  return c.body(body, 200, { "content-type": "application/x-ndjson; charset=utf-8" });
}
