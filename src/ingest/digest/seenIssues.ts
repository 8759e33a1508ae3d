import type { CapturedEvent } from "../../domain/event.ts";
import type { GroupingRule } from "../../domain/groupingRule.ts";
import type { Fingerprint } from "../../domain/issue.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { SuppressionStore } from "../../domain/ports/suppressionStore.ts";
import { type TaughtRules, taught } from "../../domain/taughtRule.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import { fingerprint } from "../grouping/fingerprint.ts";
import { type AttentionReason, attentionReasonOf } from "./attentionReason.ts";

/** The facts about an Issue before an Event is counted on it. */
export interface SeenIssue {
  /** 0 if the Issue does not exist yet. */
  count: number;
  ticket: Ticket | "archived" | null;
  suppressed: boolean;
  suppressionEndedAt: number | null;
  callsForRun: boolean;
  /** The cascade in which the Issue appeared, with its Ticket (null if the Ticket is no longer in the ticket book). */
  cascade: { until: number; ticket: Ticket | null } | null;
}

export interface SeenIssueDeps {
  issues: Pick<IssueStore, "get">;
  suppressions: SuppressionStore;
  clock: Clock;
  /** The current configured grouping rules. Default: none. */
  groupingRules?: () => readonly GroupingRule[];
  /** The current rules that people taught about Issues. Default: none. */
  taughtRules?: Pick<TaughtRules, "holding">;
  /** Loads the Ticket that an Issue refers to; null if it is not in the ticket book. */
  ticket: (id: string) => Promise<Ticket | null>;
}

/** Computes the Fingerprint of an Event under the configured and the taught rules. */
export function fingerprintFor(
  deps: Pick<SeenIssueDeps, "groupingRules" | "taughtRules">,
  event: CapturedEvent,
): Fingerprint {
  const print = fingerprint(event, deps.groupingRules?.());
  return taught(print, deps.taughtRules?.holding(event.project, event.service) ?? []);
}

/** Loads the facts that decide whether an Issue's next Event needs a run. */
export async function lookUpIssue(
  { issues, suppressions, clock, ticket }: SeenIssueDeps,
  issueId: string,
): Promise<SeenIssue> {
  const issue = await issues.get(issueId);
  const now = clock.now();
  return {
    count: issue?.count ?? 0,
    // A Ticket is opened before an Issue refers to it. A Ticket that is not in the book is therefore in the archive.
    ticket: issue?.ticketId ? ((await ticket(issue.ticketId)) ?? "archived") : null,
    suppressed: (await suppressions.active(issueId, now)) !== null,
    suppressionEndedAt: await suppressions.endedAt(issueId, now),
    callsForRun: issue?.callsForRun ?? false,
    cascade: issue?.cascade ? { until: issue.cascade.until, ticket: await ticket(issue.cascade.ticketId) } : null,
  };
}

/** Why the next Event of an Issue needs a run, or null. */
export function attentionReasonOfNext(known: SeenIssue, event: CapturedEvent): AttentionReason | null {
  return attentionReasonOf(known.count + 1, known.ticket, event.receivedAt, {
    release: event.release,
    suppressed: known.suppressed,
    suppressionEndedAt: known.suppressionEndedAt,
    callsForRun: known.callsForRun,
    cascade: cascadeOf(known, event.receivedAt),
  });
}

/** An Event received before the cascade's Ticket closed says nothing about whether the cascade is over. */
function cascadeOf({ cascade }: SeenIssue, receivedAt: number): "waits" | "over" | null {
  if (cascade === null) return null;
  const { ticket, until } = cascade;
  if (receivedAt >= until || ticket === null) return "over";
  return isClosed(ticket.state) && receivedAt > (ticket.closedAt ?? ticket.updatedAt) ? "over" : "waits";
}
