import { PAUSED_KEY } from "../domain/ports/settings.ts";
import type { TicketState } from "../domain/ticket.ts";
import type { DashboardDeps, SystemFacts } from "./deps.ts";

/** What `GET /v1/status` answers. */
export interface SystemStatus extends SystemFacts {
  paused: boolean;
  /** Why it is paused; null when it is not. */
  pausedBecause: string | null;
  /** Roll backs of late, and whether they keep everything from being deployed without a person. */
  breaker: { open: boolean; rollbacks: number };
  /** How many tickets stand in each state that has any. */
  tickets: Partial<Record<TicketState, number>>;
  openApprovals: number;
  /** How many entries the audit log has, and the hash of the newest: to be noted elsewhere. */
  audit: { entries: number; head: string };
}

export async function readStatus(
  deps: Pick<DashboardDeps, "tickets" | "status" | "paused" | "breaker" | "audit">,
): Promise<SystemStatus> {
  const counts = await deps.tickets.counts();
  const pausedBecause = await deps.paused();
  return {
    ...deps.status(),
    paused: pausedBecause !== null,
    pausedBecause,
    breaker: await deps.breaker.state(),
    tickets: counts.states,
    openApprovals: counts.asking,
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
