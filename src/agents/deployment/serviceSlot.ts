import { isCanaryUp } from "../../domain/canary.ts";
import { type Deployment, isPartlyLive } from "../../domain/deployment.ts";
import type { Service } from "../../domain/service.ts";
import { isClosed } from "../../domain/ticket.ts";
import type { ReleaseDeps } from "./deps.ts";
import { outcomeSeen } from "./recovery.ts";
import { abandonCanary, canariesOf } from "./removeCanary.ts";
import { restoreCommit } from "./restoreCommit.ts";

/** Whether a service's only slot in the journal is free for a ticket. */
export type ServiceSlot =
  | { kind: "free" }
  /** Nobody worked on the deployment that had it any more; it was settled by what is live, which may be another base. */
  | { kind: "settled" }
  /** The ticket whose deployment is under way. */
  | { kind: "taken"; by: string }
  /** Nobody works on the deployment that has it, and the target cannot tell what became of it. A person must look. */
  | { kind: "unknown"; cause: string };

/**
 * Looks at the service's deployment in flight. One that was left (its run was cut off, its ticket is before a person or
 * closed) is settled by what is live: else it would hold up every other ticket of the service until somebody answers.
 */
export async function serviceSlot(
  deps: ReleaseDeps,
  service: Service,
  ticketId: string,
  signal: AbortSignal,
): Promise<ServiceSlot> {
  const other = await deps.journal.inFlight(service.name);
  if (other === null) return { kind: "free" };
  const holder = other.ticketId === ticketId ? null : await deps.tickets.get(other.ticketId);
  const underWay = holder?.state === "deploying" || holder?.state === "soaking";
  // Part of the traffic is its canary's for as long as its ticket is open, also while a person is asked.
  const inCanary = isPartlyLive(other);
  const watched = inCanary && holder !== null && !isClosed(holder.state);
  if (other.state === "intended" && (underWay || watched)) return { kind: "taken", by: other.ticketId };
  if (inCanary) return withoutCanary(deps, service, other, signal);
  const seen = outcomeSeen(other, await deps.target.liveCommit(service));
  if (seen === null) {
    const what = `what is live after deployment ${other.id} (ticket ${other.ticketId})`;
    return { kind: "unknown", cause: `${what} is not known; a person must look` };
  }
  if (seen.state !== "live" && isCanaryUp(other.canary) && service.canary?.abortCommand !== undefined) {
    const stuck = await restoreCommit(deps, service, other, signal, { run: canariesOf(deps).abort });
    if (stuck !== null) deps.log.error("a canary could not be taken out", { ticket: other.ticketId, reason: stuck });
  }
  await deps.journal.settle(other.id, other.fencingToken, seen.state, seen.reason);
  return { kind: "settled" };
}

async function withoutCanary(
  deps: ReleaseDeps,
  service: Service,
  left: Deployment,
  signal: AbortSignal,
): Promise<ServiceSlot> {
  const reason = "nobody works on its ticket any more";
  const stuck = await abandonCanary(deps, service, left, { reason, signal });
  if (stuck === null) return { kind: "settled" };
  return { kind: "unknown", cause: `the canary of ticket ${left.ticketId} could not be taken out: ${stuck}` };
}

/** The open ticket whose canary has the service's slot, when it is another one's: it may have it for long. */
export async function canaryAhead(deps: ReleaseDeps, service: Service, ticketId: string): Promise<string | null> {
  const other = await deps.journal.inFlight(service.name);
  if (other === null || other.ticketId === ticketId || !isPartlyLive(other)) return null;
  const holder = await deps.tickets.get(other.ticketId);
  return holder === null || isClosed(holder.state) ? null : holder.id;
}
