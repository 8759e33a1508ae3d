import type { TicketState } from "../domain/ticket.ts";
import type { DashboardDeps, SystemFacts } from "./deps.ts";

const PAUSED_KEY = "paused";

/** What `GET /v1/status` answers. */
export interface SystemStatus extends SystemFacts {
  paused: boolean;
  /** How many tickets stand in each state that has any. */
  tickets: Partial<Record<TicketState, number>>;
  openApprovals: number;
  /** How many entries the audit log has, and the hash of the newest: to be noted elsewhere. */
  audit: { entries: number; head: string };
}

export async function readStatus(
  deps: Pick<DashboardDeps, "tickets" | "settings" | "status" | "audit">,
): Promise<SystemStatus> {
  const all = await deps.tickets.list();
  const tickets: SystemStatus["tickets"] = {};
  for (const { state } of all) tickets[state] = (tickets[state] ?? 0) + 1;
  return {
    ...deps.status(),
    paused: (await deps.settings.get(PAUSED_KEY)) === "true",
    tickets,
    openApprovals: all.filter((t) => t.approval !== null).length,
    audit: await deps.audit.head(),
  };
}

/** The kill switch's button: no deployment while it is on; a roll back still goes. Doing it again changes nothing. */
export async function setPaused(
  { settings, audit }: Pick<DashboardDeps, "settings" | "audit">,
  paused: boolean,
  by: string,
): Promise<void> {
  if (((await settings.get(PAUSED_KEY)) === "true") === paused) return;
  await settings.set(PAUSED_KEY, String(paused));
  await audit.append({ kind: paused ? "system.paused" : "system.resumed", actor: `person:${by}` });
}
