import type { ApprovalKind } from "../../domain/approval.ts";
import type { BatchStore } from "../../domain/ports/batchStore.ts";
import type { RunStarter } from "../../domain/ports/runStarter.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { AgentNode, RunState, RunUpdate } from "../../domain/runState.ts";
import { type AskPersonDeps, askPerson } from "../../tickets/askPerson.ts";
import { requireTicket } from "../../tickets/requireTicket.ts";
import type { Question } from "../approval.ts";
import { ALLOWED } from "./applyDecision.ts";

/** What the node `escalation` needs. */
export interface EscalationDeps extends AskPersonDeps {
  batches: BatchStore;
  starter: RunStarter;
  /** Triage without a brain: opens the tickets that a Batch lacks. */
  plainTriage: AgentNode;
}

/**
 * The node `escalation`: opens a question on the ticket with the cause and three answers. The node after it only
 * interrupts.
 */
export function createEscalation(deps: EscalationDeps): AgentNode {
  return async (state, signal) => {
    const opened = state.ticketId === "" ? await openAnyway(deps, state, signal) : {};
    const ticket = await deps.tickets.get(opened.ticketId ?? state.ticketId);
    // There is nothing to ask: the Batch is unknown, or other runs already work on the tickets of all its Issues.
    if (ticket === null) {
      deps.log.error("a run failed before it had a ticket", { batch: state.batchId, cause: state.cause });
      return { question: "none" };
    }
    // From here on a person decides. No wake-up may enter the run in the meantime, or after the person has closed the
    // ticket.
    await deps.wakeUps.clear(ticket.id, "deploy");
    await deps.wakeUps.clear(ticket.id, "verify");
    await askPerson(deps, ticket, {
      kind: "escalate",
      patchDigest: ticket.patch?.digest ?? null,
      reasons: [state.cause || "the work is stuck"],
      allowed: [...ALLOWED.escalate],
      askedAt: deps.clock.now(),
    });
    return { ...opened, question: "escalate" };
  };
}

/**
 * Triage failed for good, but its Batch must not be lost: a person gets its ticket, and each further ticket starts its
 * own run.
 */
async function openAnyway(deps: EscalationDeps, state: RunState, signal: AbortSignal): Promise<RunUpdate> {
  if ((await deps.batches.get(state.batchId)) === null) return {};
  const { ticketId = "", siblings = [] } = await deps.plainTriage(state, signal);
  for (const id of siblings) await deps.starter.start(id, { entry: "ticket", ticketId: id });
  return { ticketId, siblings };
}

/** Builds what a person is shown with a question: facts from the ticket book, no Event text, no secrets. Reads only. */
export function createQuestions(tickets: TicketBook): (ticketId: string, kind: ApprovalKind) => Promise<Question> {
  return async (ticketId, kind) => {
    const ticket = await requireTicket(tickets, ticketId);
    return {
      kind,
      description: describe(kind, ticket.reason),
      args: {
        ticketId: ticket.id,
        service: ticket.service,
        severity: ticket.severity,
        patchDigest: ticket.patch?.digest ?? "",
        files: ticket.patch?.files ?? ticket.plan?.files ?? [],
        grade: ticket.evidence?.grade ?? "none",
        shortfalls: ticket.evidence?.shortfalls ?? [],
        reasons: ticket.approval?.reasons ?? [],
        ...(ticket.approval?.branch !== undefined && { branch: ticket.approval.branch }),
      },
      allowed: ALLOWED[kind],
    };
  };
}

function describe(kind: ApprovalKind, reason: string): string {
  const what = {
    approvePlan: "May the coder start on this plan?",
    approveDeploy: "May this patch be deployed? It did not qualify to go by itself.",
    escalate: "This ticket needs a person: guide it, take it over, or dismiss it.",
  };
  return reason === "" ? what[kind] : `${what[kind]} ${reason}`.slice(0, 1000);
}
