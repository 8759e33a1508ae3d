import { lowerTier } from "../domain/event.ts";
import { isStartRequested } from "../domain/manualAction.ts";
import type { MergeRefusal, TaughtRule } from "../domain/taughtRule.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { changeTicket, closeTicket } from "./change.ts";
import type { TicketDeps } from "./deps.ts";

type Deps = Pick<TicketDeps, "tickets" | "issues" | "audit" | "clock">;

/** The open ticket that covers the Issue; null: none. */
async function openTicketOf(deps: Deps, issueId: string): Promise<Ticket | null> {
  return (await deps.tickets.list({ issueId, open: true }))[0] ?? null;
}

/**
 * Why two Issues cannot be merged in the current state of their tickets; null: they can. A Patch that is being deployed
 * or watched is judged by the Issues it was made for. If both Issues have an open ticket, the merge closes that of the
 * Issue that is merged away, so no run may be working on it: a run is never cut off, and one cause is never worked on twice.
 */
export async function mergeRefusal(deps: Deps, issueId: string, intoId: string): Promise<MergeRefusal | null> {
  const [from, into] = [await openTicketOf(deps, issueId), await openTicketOf(deps, intoId)];
  const live = [from, into].find((ticket) => ticket?.state === "deploying" || ticket?.state === "soaking");
  if (live) {
    const message = `The fix of ticket ${live.id.slice(0, 8)} is being deployed or watched: merge when that has ended.`;
    return { code: "watched", message };
  }
  if (from === null || into === null || from.id === into.id || isAtRest(from)) return null;
  const what = from.approval === null ? `is worked on (${from.state})` : "asks a person";
  const other = isAtRest(into) ? ` Or merge the other way round: selfheal issues merge ${intoId} ${issueId}.` : "";
  const message = `Ticket ${from.id.slice(0, 8)} of issue ${issueId} ${what}: wait for its end, or answer it.${other}`;
  return { code: "busy", message };
}

/** Whether the ticket is idle: no run is under way or requested, and no person is asked. */
function isAtRest(ticket: Ticket): boolean {
  return ticket.state === "open" && ticket.approval === null && !isStartRequested(ticket);
}

/**
 * Brings the tickets of two merged Issues in line; every step can be repeated. If both Issues have an open ticket, the
 * ticket of the Issue that is merged away is closed. The other ticket then covers both Issues, at the lower of their trust tiers.
 * Returns what was done, in words.
 */
export async function mergeTickets(deps: Deps, rule: TaughtRule): Promise<string[]> {
  const [from, into] = [await openTicketOf(deps, rule.issueId), await openTicketOf(deps, rule.intoIssueId)];
  const notes: string[] = [];
  if (from !== null && into !== null && from.id !== into.id) {
    const ended = await end(deps, from, into, rule);
    const what = ended ? "ended" : "is worked on by now, and comes to its own end";
    notes.push(`Ticket ${from.id.slice(0, 8)} ${what}; ticket ${into.id.slice(0, 8)} goes on.`);
    if (!ended) return notes;
  }
  const going = into ?? from;
  if (going === null) return notes;
  if (await cover(deps, going, [rule.issueId, rule.intoIssueId]))
    notes.push(`Ticket ${going.id.slice(0, 8)} covers both issues.`);
  return notes;
}

/** Closes the ticket if it is still idle; returns whether it was closed. */
async function end(deps: Deps, from: Ticket, into: Ticket, rule: TaughtRule): Promise<boolean> {
  const outcome = { ended: false };
  await changeTicket(deps, from.id, (ticket) => {
    outcome.ended = isAtRest(ticket);
    return outcome.ended ? { state: "dismissed", closedAt: deps.clock.now() } : {};
  });
  if (!outcome.ended) return false;
  const reason = `its issue was merged into issue ${rule.intoIssueId}: ticket ${into.id} goes on`;
  await closeTicket(deps, from.id, "dismissed", reason, `person:${rule.by}`);
  return true;
}

/**
 * Adds the Issues to the ticket and returns whether it covers them now. A ticket that is closed, or whose Patch is
 * being deployed or watched, takes no further Issue.
 */
async function cover(deps: Deps, ticket: Ticket, issueIds: readonly string[]): Promise<boolean> {
  const issues = (await Promise.all(issueIds.map((id) => deps.issues.get(id)))).filter((issue) => issue !== null);
  const outcome = { covers: false };
  const after = await changeTicket(deps, ticket.id, (now) => {
    outcome.covers = !isClosed(now.state) && now.state !== "deploying" && now.state !== "soaking";
    if (!outcome.covers) return {};
    return {
      issueIds: [...new Set([...now.issueIds, ...issues.map(({ id }) => id)])],
      trustTier: issues.map(({ trustTier }) => trustTier).reduce(lowerTier, now.trustTier),
      corroborated: now.corroborated && issues.every(({ corroborated }) => corroborated),
    };
  });
  if (outcome.covers) for (const { id } of issues) await deps.issues.attachTicket(id, after.id);
  return outcome.covers;
}

/** The ticket that the merged Issue had of its own; null: none. */
export async function previousTicketId(deps: Deps, { issueId, intoIssueId }: TaughtRule): Promise<string | null> {
  const own = (await deps.tickets.list({ issueId })).find(({ issueIds }) => !issueIds.includes(intoIssueId));
  return own?.id ?? null;
}

/**
 * Removes the merged Issue from the open ticket that covers both. A ticket whose Patch is being deployed or watched
 * keeps it. Returns what was done, in words.
 */
export async function dropFromSharedTicket(deps: Deps, { issueId, intoIssueId }: TaughtRule): Promise<string[]> {
  const shared = await openTicketOf(deps, intoIssueId);
  if (shared === null || !shared.issueIds.includes(issueId)) return [];
  const outcome = { parted: false };
  await changeTicket(deps, shared.id, ({ state, issueIds }) => {
    outcome.parted = !isClosed(state) && state !== "deploying" && state !== "soaking";
    return outcome.parted ? { issueIds: issueIds.filter((id) => id !== issueId) } : {};
  });
  const id = shared.id.slice(0, 8);
  return [outcome.parted ? `Ticket ${id} goes on without it.` : `Ticket ${id} keeps both: its fix is on its way.`];
}
