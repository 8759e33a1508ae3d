import { isCanaryUp } from "../../domain/canary.ts";
import { type Deployment, isPartlyLive } from "../../domain/deployment.ts";
import type { Service } from "../../domain/service.ts";
import { isClosed } from "../../domain/ticket.ts";
import type { DeploymentDeps } from "./deps.ts";
import { outcomeSeen } from "./nextStep.ts";
import { abandonCanary, canariesOf } from "./removeCanary.ts";
import { restoreCommit } from "./restoreCommit.ts";

/** Whether a service's only slot in the journal is free for a ticket. */
export type ServiceSlot =
  | { kind: "free" }
  /**
   * No run worked on the deployment in the slot any more. It was settled by what is live, so the base may have changed.
   */
  | { kind: "settled" }
  /** `by`: the ticket whose deployment is under way. */
  | { kind: "taken"; by: string }
  /** No run works on the deployment in the slot, and the target cannot tell its outcome. A person must look. */
  | { kind: "unknown"; cause: string };

/**
 * Checks the service's deployment in flight. A deployment that was left behind (its run was cut off, or its ticket is
 * closed or waits for a person) is settled by what is live. Otherwise it would block every other ticket of the service
 * until somebody answers.
 */
export async function serviceSlot(
  deps: DeploymentDeps,
  service: Service,
  ticketId: string,
  signal: AbortSignal,
): Promise<ServiceSlot> {
  const other = await deps.journal.inFlight(service.name);
  if (other === null) return { kind: "free" };
  const holder = other.ticketId === ticketId ? null : await deps.tickets.get(other.ticketId);
  const underWay = holder?.state === "deploying" || holder?.state === "soaking";
  // A canary keeps its part of the traffic while its ticket is open, even while a person is asked.
  const inCanary = isPartlyLive(other);
  const watched = inCanary && holder !== null && !isClosed(holder.state);
  if (other.state === "intended" && (underWay || watched)) return { kind: "taken", by: other.ticketId };
  if (inCanary) return settleAbandonedCanary(deps, service, other, signal);
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

async function settleAbandonedCanary(
  deps: DeploymentDeps,
  service: Service,
  left: Deployment,
  signal: AbortSignal,
): Promise<ServiceSlot> {
  const reason = "nobody works on its ticket any more";
  const stuck = await abandonCanary(deps, service, left, { reason, signal });
  if (stuck === null) return { kind: "settled" };
  return { kind: "unknown", cause: `the canary of ticket ${left.ticketId} could not be taken out: ${stuck}` };
}

/** The other open ticket whose canary has the service's slot, possibly for long; null: none. */
export async function canaryAhead(deps: DeploymentDeps, service: Service, ticketId: string): Promise<string | null> {
  const other = await deps.journal.inFlight(service.name);
  if (other === null || other.ticketId === ticketId || !isPartlyLive(other)) return null;
  const holder = await deps.tickets.get(other.ticketId);
  return holder === null || isClosed(holder.state) ? null : holder.id;
}
