import { PAUSED_KEY } from "../domain/ports/settings.ts";
import type { TicketState } from "../domain/ticket.ts";
import type { DashboardDeps, SystemFacts } from "./deps.ts";
import { type Visible, visibleCounts } from "./visible.ts";

/** What `GET /v1/status` answers. */
export interface SystemStatus extends SystemFacts {
  paused: boolean;
  /** Why selfheal is paused; null when it is not. */
  pausedBecause: string | null;
  /** The number of recent rollbacks. `open`: nothing is deployed without a person because of them. */
  breaker: { open: boolean; rollbacks: number };
  /** Tickets per state. States without tickets are absent. */
  tickets: Partial<Record<TicketState, number>>;
  openApprovals: number;
  /** The number of entries in the audit log, and the hash of the newest one, to be noted elsewhere. */
  audit: { entries: number; head: string };
}

export async function readStatus(
  deps: Pick<DashboardDeps, "tickets" | "status" | "paused" | "breaker" | "audit">,
  visible: Visible = null,
): Promise<SystemStatus> {
  const counts = await visibleCounts(deps.tickets, visible);
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

/**
 * Switches the pause button, one source of the kill switch. While it is on, nothing is deployed; a rollback still runs.
 * Idempotent; each change is audited.
 */
export async function setPaused(
  { settings, audit }: Pick<DashboardDeps, "settings" | "audit">,
  paused: boolean,
  by: string,
): Promise<void> {
  if (((await settings.get(PAUSED_KEY)) === "true") === paused) return;
  await settings.set(PAUSED_KEY, String(paused));
  await audit.append({ kind: paused ? "system.paused" : "system.resumed", actor: `person:${by}` });
}
