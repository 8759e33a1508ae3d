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

/** What is known of an Issue before an Event is counted on it. */
export interface SeenIssue {
  /** 0: nobody has seen it yet. */
  count: number;
  ticket: Ticket | "archived" | null;
  suppressed: boolean;
  suppressionEndedAt: number | null;
  callsForRun: boolean;
  /** The cascade that it came up in, with its ticket (null: not in the book any more). */
  cascade: { until: number; ticket: Ticket | null } | null;
}

export interface SeenIssueDeps {
  issues: Pick<IssueStore, "get">;
  suppressions: SuppressionStore;
  clock: Clock;
  /** The configured rules for grouping, as they hold now; default: none. */
  groupingRules?: () => readonly GroupingRule[];
  /** What people taught about Issues, as it holds now; default: nothing. */
  taughtRules?: Pick<TaughtRules, "holding">;
  /** The ticket that an Issue names. */
  ticket: (id: string) => Promise<Ticket | null>;
}

/** The Fingerprint of an Event, as the configuration and people have it. */
export function fingerprintFor(
  deps: Pick<SeenIssueDeps, "groupingRules" | "taughtRules">,
  event: CapturedEvent,
): Fingerprint {
  const print = fingerprint(event, deps.groupingRules?.());
  return taught(print, deps.taughtRules?.holding(event.project, event.service) ?? []);
}

/** Looks up what the signal of an Issue's next Event depends on. */
export async function lookUpIssue(
  { issues, suppressions, clock, ticket }: SeenIssueDeps,
  issueId: string,
): Promise<SeenIssue> {
  const issue = await issues.get(issueId);
  const now = clock.now();
  return {
    count: issue?.count ?? 0,
    // Tickets are opened before Issues name them, so one that is not in the book any more is in the archive.
    ticket: issue?.ticketId ? ((await ticket(issue.ticketId)) ?? "archived") : null,
    suppressed: (await suppressions.active(issueId, now)) !== null,
    suppressionEndedAt: await suppressions.endedAt(issueId, now),
    callsForRun: issue?.callsForRun ?? false,
    cascade: issue?.cascade ? { until: issue.cascade.until, ticket: await ticket(issue.cascade.ticketId) } : null,
  };
}

/** Why the next Event of an Issue calls for a run, or null. */
export function attentionReasonOfNext(known: SeenIssue, event: CapturedEvent): AttentionReason | null {
  return attentionReasonOf(known.count + 1, known.ticket, event.receivedAt, {
    release: event.release,
    suppressed: known.suppressed,
    suppressionEndedAt: known.suppressionEndedAt,
    callsForRun: known.callsForRun,
    cascade: cascadeOf(known, event.receivedAt),
  });
}

/** What was received before the ticket ended says nothing about what it ended. */
function cascadeOf({ cascade }: SeenIssue, receivedAt: number): "waits" | "over" | null {
  if (cascade === null) return null;
  const { ticket, until } = cascade;
  if (receivedAt >= until || ticket === null) return "over";
  return isClosed(ticket.state) && receivedAt > (ticket.closedAt ?? ticket.updatedAt) ? "over" : "waits";
}
