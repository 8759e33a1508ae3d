import type { Hono } from "hono";
import { z } from "zod";
import { balancesOf, type IngestReport } from "../../domain/ingestCount.ts";
import type { AccessEnv } from "../access/caller.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";

/** How many of the Events that were set aside are shown. */
const SHOWN = 50;

const StatsQuery = z.object({ since: z.coerce.number().int().nonnegative().optional() });

/** What the stats routes need. */
export type StatsDeps = Pick<DashboardDeps, "ingestCounts" | "spool" | "pressure">;

/**
 * `GET /v1/stats[?since=ms]`: what happened to every Event. `POST /v1/stats/retry`: puts the Events that were set aside
 * back into the queue.
 */
export function addStatsRoutes(api: Hono<AccessEnv>, deps: StatsDeps): void {
  api.get("/v1/stats", async (c) => {
    const query = StatsQuery.safeParse(c.req.query());
    if (!query.success) return jsonError(c, 400, "invalid", "since: milliseconds since 1970");
    return c.json(await readStats(deps, query.data.since));
  });
  api.post("/v1/stats/retry", async (c) => c.json({ retried: await deps.spool.retrySetAside() }));
}

/** The counts from the UTC day of `since` on; of all days when it is absent. */
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
