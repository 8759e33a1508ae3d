import type { Hono } from "hono";
import { z } from "zod";
import { balancesOf, type IngestReport } from "../../domain/ingestCount.ts";
import type { AdminEnv } from "../access/requireAdmin.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errors.ts";

/** Of what was set aside, as many as people look at. */
const SHOWN = 50;

const StatsQuery = z.object({ since: z.coerce.number().int().nonnegative().optional() });

export type StatsDeps = Pick<DashboardDeps, "ingestCounts" | "spool" | "pressure">;

/** `GET /v1/stats[?since=ms]`: what became of every Event; `POST /v1/stats/retry`: what was set aside goes back into the line. */
export function addStatsRoutes(api: Hono<AdminEnv>, deps: StatsDeps): void {
  api.get("/v1/stats", async (c) => {
    const query = StatsQuery.safeParse(c.req.query());
    if (!query.success) return jsonError(c, 400, "invalid", "since: milliseconds since 1970");
    return c.json(await readStats(deps, query.data.since));
  });
  api.post("/v1/stats/retry", async (c) => c.json({ retried: await deps.spool.retrySetAside() }));
}

/** Since the UTC day of a time; all that was ever counted where none is given. */
export async function readStats({ ingestCounts, spool, pressure }: StatsDeps, since?: number): Promise<IngestReport> {
  const counts = await ingestCounts.sums(since);
  return {
    pressure: (await pressure?.()) ?? "none",
    waiting: await spool.waiting(),
    projects: balancesOf(counts),
    counts,
    setAside: await spool.setAside(SHOWN),
  };
}
