import type { AuditEntry } from "../domain/audit.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Issue } from "../domain/issue.ts";
import { type Activity, activityOf, activitySince } from "../domain/recentEvents.ts";
import type { TicketCost } from "../domain/spend.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { DashboardDeps } from "./deps.ts";
import { type Visible, withoutHidden } from "./visible.ts";

/** A ticket with its Issues, diff, deployment, cost and activity, and its part of the audit log, oldest first. */
export interface TicketReceipt {
  ticket: Ticket;
  issues: Issue[];
  diff: string | null;
  deployment: Deployment | null;
  audit: AuditEntry[];
  cost: TicketCost;
  activity: Activity;
}

/** The result of `findTicket`. `ambiguous`: several ids have this prefix. */
export type TicketLookup =
  | { kind: "found"; ticket: Ticket }
  | { kind: "unknown" }
  | { kind: "ambiguous"; ids: string[] };

/** The shortest prefix of an id that `findTicket` accepts. */
const PREFIX_LENGTH = 6;

/** Finds a ticket by its id, or by a unique prefix of at least six characters. */
export async function findTicket({ tickets }: Pick<DashboardDeps, "tickets">, ref: string): Promise<TicketLookup> {
  const exact = await tickets.get(ref);
  if (exact !== null) return { kind: "found", ticket: exact };
  if (ref.length < PREFIX_LENGTH) return { kind: "unknown" };
  const matches = (await tickets.list()).filter((t) => t.id.startsWith(ref.toLowerCase()));
  const [first, second] = matches;
  if (first === undefined) return { kind: "unknown" };
  return second === undefined ? { kind: "found", ticket: first } : { kind: "ambiguous", ids: matches.map((t) => t.id) };
}

export async function deploymentOf(deps: Pick<DashboardDeps, "journal">, ticket: Ticket): Promise<Deployment | null> {
  return ticket.deploymentId === null ? null : deps.journal.get(ticket.deploymentId);
}

/** Reads the receipt, without what belongs to services that the caller must not see. */
export async function readReceipt(deps: DashboardDeps, ticket: Ticket, visible: Visible): Promise<TicketReceipt> {
  const [issues, diff, deployment, audit, cost, activity] = await Promise.all([
    Promise.all(ticket.issueIds.map((id) => deps.issues.get(id))),
    ticket.patch === null ? null : deps.blobs.get(ticket.patch.digest),
    deploymentOf(deps, ticket),
    deps.audit.list({ ticketId: ticket.id }),
    deps.spend.costOf(ticket.id),
    readActivity(deps, ticket),
  ]);
  return {
    ticket: withoutHidden(ticket, visible),
    issues: issues.filter((issue) => issue !== null),
    diff,
    deployment,
    cost,
    activity,
    audit: audit.toSorted((a, b) => a.sequence - b.sequence),
  };
}

async function readActivity({ issues, clock }: DashboardDeps, { issueIds }: Ticket): Promise<Activity> {
  const now = clock.now();
  const minutes = await Promise.all(issueIds.map((id) => issues.minutes(id, activitySince(now))));
  const releases = await Promise.all(issueIds.map((id) => issues.releases(id)));
  return activityOf(minutes.flat(), releases.flat(), now);
}
