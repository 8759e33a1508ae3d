import type { Service } from "../../domain/service.ts";
import { outcomeSeen } from "./recovery.ts";
import type { ReleaseDeps } from "./schema.ts";

/** Whether a service's only slot in the journal is free for a ticket. */
export type Slot =
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
export async function slotFor(deps: ReleaseDeps, service: Service, ticketId: string): Promise<Slot> {
  const other = await deps.journal.inFlight(service.name);
  if (other === null) return { kind: "free" };
  const holder = other.ticketId === ticketId ? null : await deps.tickets.get(other.ticketId);
  const underWay = holder?.state === "deploying" || holder?.state === "soaking";
  if (other.state === "intended" && underWay) return { kind: "taken", by: other.ticketId };
  const seen = outcomeSeen(other, await deps.target.liveCommit(service));
  if (seen === null) {
    const what = `what is live after deployment ${other.id} (ticket ${other.ticketId})`;
    return { kind: "unknown", cause: `${what} is not known; a person must look` };
  }
  await deps.journal.settle(other.id, other.fencingToken, seen.state, seen.reason);
  return { kind: "settled" };
}
