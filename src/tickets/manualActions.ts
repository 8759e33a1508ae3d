import { uuidFrom } from "../domain/ids.ts";
import type { Batch, Issue } from "../domain/issue.ts";
import {
  isStartRequested,
  type ManualActions,
  type ManualRefusal,
  type ManualResult,
  startRefusal,
} from "../domain/manualAction.ts";
import { suppressIssue } from "../domain/suppressIssue.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { changeTicket, closeTicket } from "./change.ts";
import type { TicketDeps } from "./deps.ts";
import { type RecordAppliedDeps, recordApplied } from "./recordApplied.ts";

export type ManualActionsDeps = Pick<
  TicketDeps,
  "tickets" | "issues" | "audit" | "clock" | "wakeUps" | "suppressions" | "services" | "policyOf" | "log"
> &
  RecordAppliedDeps & {
    /** How long the Issues of a dismissed ticket are suppressed, milliseconds. */
    dismissForMs: () => number;
    /** Opens the ticket of a Batch that a person asked for, even if its Issue is suppressed. Returns its id; "": none was opened. */
    triageBatch: (batch: Batch) => Promise<string>;
  };

/**
 * Creates the actions by which a person starts or ends work without being asked. A start is written to the ticket in
 * one atomic step (of two concurrent starts, one is refused). Then a wake-up is stored; the wake-up timer starts the
 * run, after a restart too.
 */
export function createManualActions(deps: ManualActionsDeps): ManualActions {
  return {
    start: (ref, who) => start(deps, ref, who),
    dismiss: (ticketId, who) => dismiss(deps, ticketId, who),
    applied: (ticketId, what) => recordApplied(deps, ticketId, what),
  };
}

/** Sets the wake-ups again for manual actions that were written to their ticket just before the process ended. */
export async function rescheduleManualActions(
  deps: Pick<ManualActionsDeps, "tickets" | "wakeUps" | "clock">,
): Promise<void> {
  const dueAt = deps.clock.now();
  for (const ticket of await deps.tickets.list({ state: "open" })) {
    if (isStartRequested(ticket)) await deps.wakeUps.set({ ticketId: ticket.id, kind: "start", dueAt });
  }
  for (const ticket of await deps.tickets.list({ state: "soaking" })) {
    if (ticket.applied) await deps.wakeUps.set({ ticketId: ticket.id, kind: "verify", dueAt });
  }
}

interface Who {
  by: string;
  message: string;
}

async function start(deps: ManualActionsDeps, ref: string, who: Who): Promise<ManualResult> {
  const issue = await deps.issues.get(ref);
  const named = issue === null ? await deps.tickets.get(ref) : await ticketFor(deps, issue);
  if (named === null) return refused({ code: "notFound", message: `There is no ticket or issue ${ref}.` });
  const service = deps.services.get(named.service);
  const level = service === undefined ? "observe" : (await deps.policyOf(service, named)).autonomy;
  const other = await otherOpen(deps, named);
  const outcome: { refusal: ManualRefusal | null; from: string } = { refusal: null, from: named.state };
  const ticket = await changeTicket(deps, named.id, (current) => {
    outcome.refusal = startRefusal({ ticket: current, level, other });
    outcome.from = current.state;
    return outcome.refusal === null ? begun(current, who) : {};
  });
  if (outcome.refusal !== null) return refused(outcome.refusal);
  await deps.audit.append({
    kind: "ticket.started",
    actor: `person:${who.by}`,
    ticketId: ticket.id,
    facts: { from: outcome.from, guided: who.message !== "" },
  });
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "start", dueAt: deps.clock.now() });
  return { kind: "done", ticket };
}

function begun(ticket: Ticket, { by, message }: Who): Partial<Ticket> {
  const guidance = { type: "guide" as const, by, message };
  return {
    state: "open",
    startedBy: by,
    contributors: [...new Set([...(ticket.contributors ?? []), by])],
    closedAt: null,
    reason: `started by ${by}`,
    waitsFor: { from: null, releasesBut: null },
    applied: null,
    ...(message !== "" && { decisions: [...ticket.decisions, guidance] }),
  };
}

/** The ticket of an Issue unless it is healed, otherwise a new one; null: none was opened. */
async function ticketFor(deps: ManualActionsDeps, issue: Issue): Promise<Ticket | null> {
  const known = issue.ticketId === null ? null : await deps.tickets.get(issue.ticketId);
  if (known !== null && known.state !== "healed") return known;
  const { project, service, id } = issue;
  const now = deps.clock.now();
  const at = { openedAt: now, closedAt: now, state: "started" as const };
  const ticketId = await deps.triageBatch({
    id: uuidFrom("byHand", id, String(now)),
    project,
    service,
    issueIds: [id],
    ...at,
  });
  return ticketId === "" ? null : deps.tickets.get(ticketId);
}

async function otherOpen(deps: ManualActionsDeps, ticket: Ticket): Promise<string | null> {
  for (const issueId of ticket.issueIds) {
    const open = (await deps.tickets.list({ issueId, open: true })).find(({ id }) => id !== ticket.id);
    if (open !== undefined) return open.id;
  }
  return null;
}

async function dismiss(deps: ManualActionsDeps, ticketId: string, { by, message }: Who): Promise<ManualResult> {
  const outcome: { refusal: ManualRefusal | null } = { refusal: null };
  const now = deps.clock.now();
  const ticket = await deps.tickets.get(ticketId);
  if (ticket === null) return refused({ code: "notFound", message: `There is no ticket ${ticketId}.` });
  await changeTicket(deps, ticketId, (current) => {
    outcome.refusal = whyNotDismissed(current);
    return outcome.refusal === null ? { state: "dismissed", closedAt: now } : {};
  });
  if (outcome.refusal !== null) return refused(outcome.refusal);
  const reason = message || "dismissed by a person";
  for (const issueId of ticket.issueIds) {
    const id = uuidFrom("suppression", ticketId, issueId, String(now));
    await suppressIssue(deps, { id, issueId, reason, by, forMs: deps.dismissForMs(), ticketId });
  }
  await closeTicket(deps, ticketId, "dismissed", reason, `person:${by}`);
  const closed = await deps.tickets.get(ticketId);
  return { kind: "done", ticket: closed ?? ticket };
}

/**
 * Why the ticket cannot be dismissed; null: it can. Only an open ticket without a run or a question can be: a question
 * is answered instead, and a run comes to its own end.
 */
function whyNotDismissed(ticket: Ticket): ManualRefusal | null {
  const id = ticket.id.slice(0, 8);
  if (ticket.approval !== null)
    return { code: "questionOpen", message: `Ticket ${id} asks a person: answer that question.` };
  if (isClosed(ticket.state)) return { code: "notOpen", message: `Ticket ${id} is closed already: ${ticket.state}.` };
  if (ticket.state === "open" && !isStartRequested(ticket)) return null;
  const last = ticket.decisions.at(-1);
  const answered = last === undefined ? "" : ` ${last.by} answered it last (${last.type}).`;
  return { code: "busy", message: `A run is under way on ticket ${id} (${ticket.state}).${answered}` };
}

function refused(refusal: ManualRefusal): ManualResult {
  return { kind: "refused", refusal };
}
