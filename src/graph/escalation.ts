import type { ApprovalKind } from "../domain/approval.ts";
import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { AgentNode, RunState, RunUpdate } from "../domain/runState.ts";
import { type AskPersonDeps, askPerson } from "../tickets/askPerson.ts";
import { ticketOf } from "../tickets/ticketOf.ts";
import { ALLOWED } from "./applyDecision.ts";
import type { Question } from "./approval.ts";

export interface EscalationDeps extends AskPersonDeps {
  batches: BatchStore;
  starter: RunStarter;
  /** Triage that asks no brain: opens what tickets a Batch lacks. */
  plainTriage: AgentNode;
}

/** Puts the ticket before a person, with the cause and three ways out. The node after it only interrupts. */
export function createEscalation(deps: EscalationDeps): AgentNode {
  return async (state, signal) => {
    const opened = state.ticketId === "" ? await openAnyway(deps, state, signal) : {};
    const ticket = await deps.tickets.get(opened.ticketId ?? state.ticketId);
    // Nothing to ask about: an unknown batch, or one whose Issues all have tickets that others work on.
    if (ticket === null) {
      deps.log.error("a run failed before it had a ticket", { batch: state.batchId, cause: state.cause });
      return { question: "none" };
    }
    // From here on a person decides: nothing may enter the run by itself meanwhile, nor after they closed the ticket.
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

/** Triage failed for good. Its Batch must not be lost: a person gets its ticket, and tickets that it had opened go their way. */
async function openAnyway(deps: EscalationDeps, state: RunState, signal: AbortSignal): Promise<RunUpdate> {
  if ((await deps.batches.get(state.batchId)) === null) return {};
  const { ticketId = "", siblings = [] } = await deps.plainTriage(state, signal);
  for (const id of siblings) await deps.starter.start(id, { entry: "ticket", ticketId: id });
  return { ticketId, siblings };
}

/** What a person is shown when asked: facts from the ticket book, no event text, no secrets. Reads only. */
export function createQuestions(tickets: TicketBook): (ticketId: string, kind: ApprovalKind) => Promise<Question> {
  return async (ticketId, kind) => {
    const ticket = await ticketOf(tickets, ticketId);
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
