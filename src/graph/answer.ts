import { publishBranch } from "../agents/branch.ts";
import { UNTESTED, withAttempt } from "../agents/coder/rounds.ts";
import { type AgentDeps, changeTicket, closeTicket } from "../agents/deps.ts";
import { patchOf, serviceOf, ticketOf } from "../agents/ticketOf.ts";
import type { ApprovalDecision, ApprovalKind, DecisionType } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import { type Attempt, describeDiff, type Patch } from "../domain/patch.ts";
import type { AgentNode, RunState, RunUpdate } from "../domain/runState.ts";
import type { Ticket } from "../domain/ticket.ts";
import { parseReply } from "./approval.ts";

type Deps = Pick<AgentDeps, "tickets" | "blobs" | "audit" | "clock" | "wakeUps" | "workspaces" | "services" | "log">;

/** What may be answered to which question. */
export const ALLOWED: Record<ApprovalKind, readonly DecisionType[]> = {
  approvePlan: ["approve", "reject"],
  approveDeploy: ["approve", "edit", "reject"],
  escalate: ["guide", "takeOver", "dismiss"],
};

/** Reads a person's answer and carries it out. What is not clearly a yes to exactly this patch is not a yes. */
export function createAnswer(deps: Deps): AgentNode {
  return async (state) => {
    const ticket = await ticketOf(deps.tickets, state.ticketId);
    const kind = state.question === "none" ? "escalate" : state.question;
    const decision = boundTo(parseReply(state.reply, ALLOWED[kind]), kind, state);
    if (decision === null) return unreadable(deps, ticket, kind);
    await record(deps, ticket, decision, kind);
    return carryOut(deps, ticket, state, decision);
  };
}

/**
 * An answer that names another patch than the one asked about is no answer to this question. A yes to a plan is a yes to
 * no patch; what people do about an escalation does not depend on one.
 */
function boundTo(decision: ApprovalDecision | null, kind: ApprovalKind, state: RunState): ApprovalDecision | null {
  if (decision === null || kind === "escalate") return decision;
  if (kind === "approvePlan") {
    const { patchDigest: _none, ...rest } = decision;
    return rest;
  }
  if (decision.patchDigest !== undefined && decision.patchDigest !== state.patchDigest) return null;
  return { ...decision, patchDigest: state.patchDigest };
}

async function unreadable(deps: Deps, ticket: Ticket, kind: ApprovalKind): Promise<RunUpdate> {
  await deps.audit.append({
    kind: "approval.unreadable",
    actor: "person:unknown",
    ticketId: ticket.id,
    facts: { kind },
  });
  if (kind === "escalate") return { decision: "unreadable", reply: "" };
  await closeTicket(deps, ticket.id, "rejected", "the answer could not be read, which counts as a rejection");
  return { decision: "reject", reply: "", outcome: "rejected" };
}

/** Once on the ticket, whether it came through our API (which has written it already) or straight from Studio. */
async function record(deps: Deps, ticket: Ticket, decision: ApprovalDecision, kind: ApprovalKind): Promise<void> {
  await changeTicket(deps, ticket.id, (t) => {
    const earlier = t.approval === null ? t.decisions.slice(0, -1) : t.decisions;
    return { approval: null, decisions: [...earlier, decision] };
  });
  await deps.wakeUps.clear(ticket.id, "remind");
  await deps.audit.append({
    kind: "approval.taken",
    actor: `person:${decision.by}`,
    ticketId: ticket.id,
    facts: { kind, type: decision.type, patch: decision.patchDigest ?? null },
  });
}

async function carryOut(deps: Deps, ticket: Ticket, state: RunState, decision: ApprovalDecision): Promise<RunUpdate> {
  const done: RunUpdate = { decision: decision.type, reply: "" };
  const by = `person:${decision.by}`;
  switch (decision.type) {
    case "approve":
      return done;
    case "guide":
      return { ...done, attempt: 0 };
    case "edit":
      return { ...done, ...(await edited(deps, ticket, state, decision)) };
    case "takeOver": {
      const branch = await handOver(deps, ticket);
      await closeTicket(deps, ticket.id, "dismissed", `taken over by ${decision.by}; ${branch}`, by);
      return { ...done, outcome: "dismissed" };
    }
    case "dismiss":
      await closeTicket(deps, ticket.id, "dismissed", decision.message || "dismissed by a person", by);
      return { ...done, outcome: "dismissed" };
    case "reject":
      await closeTicket(deps, ticket.id, "rejected", decision.message || "rejected by a person", by);
      return { ...done, outcome: "rejected" };
  }
}

/** A person's diff is a new Patch: it goes through the tester and the reviewer like any other. */
async function edited(deps: Deps, ticket: Ticket, state: RunState, decision: ApprovalDecision): Promise<RunUpdate> {
  const workspace = await deps.workspaces.open(serviceOf(deps.services, ticket), ticket.id, state.baseCommit);
  const result = await workspace.apply(decision.diff ?? "");
  const diff = result.kind === "applied" ? await workspace.diff() : "";
  if (diff === "") {
    const why = result.kind === "conflict" ? result.reason : "it changes nothing";
    // The gate asks again, and says this.
    return { decision: "unreadable", cause: `the edited diff was not taken: ${why}`.slice(0, 2000) };
  }
  const digest = await deps.blobs.put(diff);
  const patch: Patch = {
    digest,
    baseCommit: state.baseCommit,
    ...describeDiff(diff),
    by: `person:${decision.by}`,
    explanation: decision.message || "edited by a person",
  };
  const number = state.attempt + 1;
  const attempt: Attempt = { number, patch, outcome: UNTESTED, grade: "none", rejected: [], tokens: 0 };
  await changeTicket(deps, ticket.id, (t) => ({
    // With the patch, in one step: nobody is to see it waiting for an approval that nobody has asked for yet.
    state: "testing",
    patch,
    evidence: null,
    review: null,
    gate: null,
    attempts: withAttempt(t.attempts, attempt),
  }));
  return { patchDigest: digest, attempt: number };
}

/** Leaves the work so far on a branch for the person who takes over. */
async function handOver(deps: Deps, ticket: Ticket): Promise<string> {
  if (ticket.patch === null) return "there is no patch to hand over";
  try {
    const { patch, diff } = await patchOf(deps.blobs, ticket);
    const workspace = await deps.workspaces.open(serviceOf(deps.services, ticket), ticket.id, patch.baseCommit);
    const applied = await workspace.apply(diff);
    if (applied.kind === "conflict") return `the patch does not apply: ${applied.reason}`;
    const commit = await workspace.commit(`Hand over: ${ticket.title}\n\nUnproven; see ticket ${ticket.id}.\n`);
    const branch = await publishBranch(deps.workspaces, workspace, commit);
    return `the work so far is on branch ${branch}`;
  } catch (error) {
    deps.log.warn("the hand-over branch could not be written", { ticket: ticket.id, error: messageOf(error) });
    return `the branch could not be written: ${messageOf(error)}`;
  }
}
