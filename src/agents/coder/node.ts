import { SelfhealError } from "../../domain/errors.ts";
import { type Attempt, describeDiff, type Patch } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports.ts";
import type { AgentNode, RunState } from "../../domain/runState.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type AgentDeps, changeTicket, closeTicket } from "../deps.ts";
import { guidanceOf, planDigest } from "../planner/node.ts";
import { newestSample } from "../samples.ts";
import { countingTokens } from "../spend.ts";
import { serviceOf, ticketOf } from "../ticketOf.ts";
import { turnedDown, UNTESTED, withAttempt } from "./rounds.ts";
import type { CoderBrain, CoderInput, CoderResult } from "./schema.ts";

type Deps = Pick<
  AgentDeps,
  "tickets" | "issues" | "blobs" | "audit" | "clock" | "workspaces" | "services" | "policyOf"
> & {
  brain: CoderBrain;
  checkFor: CheckFor;
};

/** Makes the quick check of one attempt: reproduction and suite on the workspace as it is. */
export type CheckFor = (workspace: Workspace, event: CoderInput["event"], signal: AbortSignal) => CoderInput["check"];

/** Plan → Patch. The diff's bytes go to the blob store, its digest into the state. */
export function createCoder(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await ticketOf(deps.tickets, state.ticketId);
    const input = await inputFor(deps, ticket, state, signal);
    await changeTicket(deps, ticket.id, () => ({ state: "coding" }));
    const result = await countingTokens(deps, ticket.id, deps.brain.code(input));
    const diff = result.kind === "patch" ? await input.workspace.diff() : "";
    if (result.kind === "patch" && diff !== "") return keepPatch(deps, ticket, state, result, diff);
    return abstain(deps, ticket, state, result);
  };
}

async function inputFor(deps: Deps, ticket: Ticket, state: RunState, signal: AbortSignal): Promise<CoderInput> {
  const event = await newestSample(deps.issues, ticket);
  if (ticket.plan === null || event === null)
    throw new SelfhealError("planNotFound", `ticket ${ticket.id} has no plan or no event to work from`);
  const service = serviceOf(deps.services, ticket);
  const workspace = await deps.workspaces.open(service, ticket.id, state.baseCommit);
  const last = ticket.attempts.at(-1);
  const { maxTokensPerTicket } = await deps.policyOf(service, ticket);
  return {
    event,
    plan: ticket.plan,
    workspace,
    attempt: state.attempt + 1,
    turnedDown: turnedDown(ticket.attempts),
    feedback: state.attempt === 0 ? "" : (last?.outcome ?? ""),
    guidance: guidanceOf(ticket),
    tokenBudget: Math.max(0, maxTokensPerTicket - ticket.tokens),
    check: deps.checkFor(workspace, event, signal),
    signal,
  };
}

async function keepPatch(
  deps: Deps,
  ticket: Ticket,
  state: RunState,
  result: Extract<CoderResult, { kind: "patch" }>,
  diff: string,
) {
  const digest = await deps.blobs.put(diff);
  const patch: Patch = {
    digest,
    baseCommit: state.baseCommit,
    ...describeDiff(diff),
    by: result.by,
    explanation: result.explanation.slice(0, 4000),
  };
  const number = state.attempt + 1;
  const attempt: Attempt = { ...roundOf(number, result), patch, outcome: UNTESTED };
  await changeTicket(deps, ticket.id, (t) => ({
    patch,
    evidence: null,
    review: null,
    gate: null,
    attempts: withAttempt(t.attempts, attempt),
    tokens: t.tokens + result.tokens,
  }));
  await deps.audit.append({
    kind: "patch.written",
    actor: result.by,
    ticketId: ticket.id,
    facts: {
      patch: digest,
      base: state.baseCommit,
      files: patch.files,
      attempt: number,
      brain: deps.brain.name,
      plan: planDigest(ticket.plan),
      guided: guidanceOf(ticket) !== "",
    },
  });
  return {
    coding: "patch",
    patchDigest: digest,
    attempt: number,
    testing: "none",
    grade: "none",
    decision: "none",
  } as const;
}

async function abstain(deps: Deps, ticket: Ticket, state: RunState, result: CoderResult) {
  const number = state.attempt + 1;
  const reason =
    result.kind === "abstained"
      ? `${result.reason}. What would change this: ${result.wouldChangeMind}`
      : "the coder said it was done but changed nothing";
  const attempt: Attempt = { ...roundOf(number, result), patch: null, outcome: reason.slice(0, 4000) };
  await changeTicket(deps, ticket.id, (t) => ({
    patch: null,
    attempts: withAttempt(t.attempts, attempt),
    tokens: t.tokens + result.tokens,
  }));
  await closeTicket(deps, ticket.id, "abstained", reason, deps.brain.name);
  return { coding: "abstained", attempt: number, patchDigest: "", outcome: "abstained" } as const;
}

function roundOf(number: number, result: CoderResult): Omit<Attempt, "patch" | "outcome"> {
  return { number, grade: "none", rejected: result.rejected.map((r) => r.slice(0, 500)), tokens: result.tokens };
}
