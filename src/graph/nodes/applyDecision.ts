import { publishBranch } from "../../agents/branch/publishBranch.ts";
import { preparedFor } from "../../agents/branch/publishForReview.ts";
import { UNTESTED, withAttempt } from "../../agents/coder/attemptHistory.ts";
import { commitMessage } from "../../agents/deployer/commitMessage.ts";
import type { AgentDeps } from "../../agents/deps.ts";
import type { ApprovalDecision, ApprovalKind, DecisionType } from "../../domain/approval.ts";
import { messageOf } from "../../domain/errors.ts";
import { uuidFrom } from "../../domain/ids.ts";
import { type Attempt, describeDiff, type Patch } from "../../domain/patch.ts";
import type { AgentNode, RunState, RunUpdate } from "../../domain/runState.ts";
import { suppressIssue } from "../../domain/suppressIssue.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import type { PatchEnding } from "../../domain/trackRecord.ts";
import { approvalStep } from "../../domain/twoPersonRule.ts";
import { changeTicket, closeTicket } from "../../tickets/change.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { parseReply } from "../approval.ts";

type Deps = Pick<
  AgentDeps,
  | "tickets"
  | "blobs"
  | "audit"
  | "clock"
  | "wakeUps"
  | "workspaces"
  | "services"
  | "suppressions"
  | "log"
  | "recordOutcome"
> & {
  /** How long the Issues of a ticket are suppressed after these answers, milliseconds. */
  leftAloneMs: { dismiss: number; takeOver: number };
};

/** The answers that each kind of question allows. */
export const ALLOWED: Record<ApprovalKind, readonly DecisionType[]> = {
  approvePlan: ["approve", "reject"],
  approveDeploy: ["approve", "edit", "reject"],
  escalate: ["guide", "takeOver", "dismiss"],
};

/**
 * The node `answer`: carries out a person's answer. The ticket book decides which answer counts: the one that was
 * claimed there, whatever answer this run received. Only a clear yes to exactly this Patch counts as a yes.
 */
export function createApplyDecision(deps: Deps): AgentNode {
  return async (state) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const kind = state.question === "none" ? "escalate" : state.question;
    const decision = boundTo(parseReply(state.reply, ALLOWED[kind]), kind, state);
    const counted = await claim(deps, ticket, { kind, decision, patchDigest: state.patchDigest });
    switch (counted.kind) {
      case "elsewhere":
        return askAgain(counted.ticket);
      case "closed":
        return { decision: "none", reply: "", outcome: counted.ticket.state };
      case "unreadable":
        return unreadable(deps, ticket, kind);
      case "counts":
        await record(deps, ticket, counted.decision, kind);
        return carryOut(deps, ticket, state, counted.decision);
    }
  };
}

/**
 * Binds the answer to the Patch of the question. An answer that names another Patch does not answer this question
 * (null). A yes to a Plan approves no Patch, and answers to an escalation do not depend on one.
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

type Counted =
  | { kind: "counts"; decision: ApprovalDecision }
  | { kind: "unreadable" }
  /** The run answers a question that is not open on the ticket: the run started from an old checkpoint. */
  | { kind: "elsewhere"; ticket: Ticket }
  | { kind: "closed"; ticket: Ticket };

/**
 * Decides in one atomic step whose answer counts. If the question is still open (the answer went directly to the run),
 * it is closed here. If another answer was claimed before, that one counts, and the answer of this run does not.
 */
async function claim(
  deps: Deps,
  { id }: Ticket,
  asked: { kind: ApprovalKind; decision: ApprovalDecision | null; patchDigest: string },
): Promise<Counted> {
  const outcome: { counted: Counted } = { counted: { kind: "unreadable" } };
  await changeTicket(deps, id, (ticket) => {
    const counted = countedOf(ticket, asked);
    outcome.counted = counted;
    if (counted.kind !== "counts") return {};
    // An answer that was claimed before has passed the two-person rule there.
    const hasRule = ticket.approval !== null && deps.services.get(ticket.service)?.twoPersonRule === true;
    const step = approvalStep(ticket, counted.decision, hasRule);
    if (step.kind !== "decides") {
      outcome.counted = { kind: "elsewhere", ticket };
      return step.kind === "first" ? { approval: step.approval } : {};
    }
    const earlier = ticket.approval === null ? ticket.decisions.slice(0, -1) : ticket.decisions;
    return { approval: null, decisions: [...earlier, counted.decision] };
  });
  return outcome.counted;
}

/** Answers that close a ticket. Carrying one out again changes nothing. */
const CLOSING: readonly DecisionType[] = ["reject", "dismiss", "takeOver"];

function countedOf(ticket: Ticket, asked: Parameters<typeof claim>[2]): Counted {
  const { approval } = ticket;
  if (approval === null) {
    const decision = ticket.decisions.at(-1);
    if (decision === undefined) return { kind: "unreadable" };
    const over = isClosed(ticket.state) && !CLOSING.includes(decision.type);
    if (over) return { kind: "closed", ticket };
    // A rejection need not name the Patch. The gate must know which Patch was rejected.
    const about = asked.kind === "approveDeploy" ? { patchDigest: decision.patchDigest ?? asked.patchDigest } : {};
    return { kind: "counts", decision: { ...decision, ...about } };
  }
  const here =
    approval.kind === asked.kind && (asked.kind !== "approveDeploy" || approval.patchDigest === asked.patchDigest);
  if (!here) return { kind: "elsewhere", ticket };
  return asked.decision === null ? { kind: "unreadable" } : { kind: "counts", decision: asked.decision };
}

/**
 * Goes back to the question that is open on the ticket. Only an escalation is asked with the cause; the gate computes
 * its own reasons.
 */
function askAgain({ approval, patch }: Ticket): RunUpdate {
  return {
    decision: "unreadable",
    reply: "",
    question: approval?.kind ?? "escalate",
    patchDigest: patch?.digest ?? "",
    baseCommit: patch?.baseCommit ?? "",
    cause: approval?.kind === "escalate" ? approval.reasons.join("; ").slice(0, 2000) : "",
  };
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

async function record(deps: Deps, ticket: Ticket, decision: ApprovalDecision, kind: ApprovalKind): Promise<void> {
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
      await leaveAlone(deps, ticket, decision, `taken over by ${decision.by}`, deps.leftAloneMs.takeOver);
      await closeTicket(deps, ticket.id, "dismissed", `taken over by ${decision.by}; ${branch}`, by);
      return { ...done, outcome: "dismissed" };
    }
    case "dismiss": {
      const reason = decision.message || "dismissed by a person";
      await leaveAlone(deps, ticket, decision, reason, deps.leftAloneMs.dismiss);
      await closeTicket(deps, ticket.id, "dismissed", reason, by);
      return { ...done, outcome: "dismissed" };
    }
    case "reject":
      if (ticket.patch !== null) {
        const { digest: patchDigest } = ticket.patch;
        await recordEnding(deps, ticket, { outcome: "rejected", patchDigest, by });
      }
      await closeTicket(deps, ticket.id, "rejected", decision.message || "rejected by a person", by);
      return { ...done, outcome: "rejected" };
  }
}

/** Records what a person made of a Patch. A service that left the configuration has no track record to add to. */
async function recordEnding(deps: Deps, ticket: Ticket, ending: PatchEnding): Promise<void> {
  if (deps.services.has(ticket.service)) await deps.recordOutcome(ticket, ending);
}

/**
 * Suppresses the ticket's Issues for a time. The ids come from the answer, so the node may run several times and still
 * suppresses once.
 */
async function leaveAlone(
  deps: Deps,
  { id, issueIds }: Ticket,
  { by }: ApprovalDecision,
  reason: string,
  forMs: number,
): Promise<void> {
  const { decisions } = await requireTicket(deps.tickets, id);
  for (const issueId of issueIds)
    await suppressIssue(deps, {
      id: uuidFrom("suppression", id, issueId, String(decisions.length)),
      issueId,
      reason,
      by,
      forMs,
      ticketId: id,
    });
}

/** A person's diff becomes a new Patch and passes the tester and the reviewer like any other. */
async function edited(deps: Deps, ticket: Ticket, state: RunState, decision: ApprovalDecision): Promise<RunUpdate> {
  const workspace = await deps.workspaces.open(requireService(deps.services, ticket), ticket.id, state.baseCommit);
  const result = await workspace.apply(decision.diff ?? "");
  const diff = result.kind === "applied" ? await workspace.diff() : "";
  if (diff === "") {
    const why = result.kind === "conflict" ? result.reason : "it changes nothing";
    // The gate asks again and gives this cause.
    return { decision: "unreadable", cause: `the edited diff was not taken: ${why}`.slice(0, 2000) };
  }
  const digest = await deps.blobs.put(diff);
  const by = `person:${decision.by}`;
  if (digest !== state.patchDigest)
    await recordEnding(deps, ticket, {
      outcome: "edited",
      patchDigest: state.patchDigest,
      editedDigest: digest,
      by,
    });
  const patch: Patch = {
    digest,
    baseCommit: state.baseCommit,
    ...describeDiff(diff),
    by,
    explanation: decision.message || "edited by a person",
  };
  const number = state.attempt + 1;
  const attempt: Attempt = { number, patch, outcome: UNTESTED, grade: "none", rejected: [], tokens: 0 };
  await changeTicket(deps, ticket.id, (t) => ({
    // State and Patch change in one step, so that nobody sees the new Patch awaiting an approval that has not been
    // requested.
    state: "testing",
    patch,
    evidence: null,
    review: null,
    gate: null,
    attempts: withAttempt(t.attempts, attempt),
  }));
  return { patchDigest: digest, attempt: number };
}

/**
 * Publishes the work so far on a branch, for the person who takes over. Returns a sentence about the branch, also on
 * failure.
 */
async function handOver(deps: Deps, ticket: Ticket): Promise<string> {
  if (ticket.patch === null) return "there is no patch to hand over";
  try {
    const { patch, diff } = await requirePatch(deps.blobs, ticket);
    const prepared = preparedFor(ticket, patch);
    if (prepared !== null) return `the work so far is on branch ${prepared.branch}`;
    const workspace = await deps.workspaces.open(requireService(deps.services, ticket), ticket.id, patch.baseCommit);
    const applied = await workspace.apply(diff);
    if (applied.kind === "conflict") return `the patch does not apply: ${applied.reason}`;
    const commit = await workspace.commit(`Hand over, unproven: ${commitMessage(ticket)}`);
    const branch = await publishBranch(deps.workspaces, workspace, { commit, patchDigest: patch.digest });
    return `the work so far is on branch ${branch}`;
  } catch (error) {
    deps.log.warn("the hand-over branch could not be written", { ticket: ticket.id, error: messageOf(error) });
    return `the branch could not be written: ${messageOf(error)}`;
  }
}
