import type { Recall } from "../../autonomy/memory.ts";
import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { type Attempt, describeDiff, digestOf, type Patch } from "../../domain/patch.ts";
import { planDigest } from "../../domain/plan.ts";
import type { ChangeHistory } from "../../domain/ports/changeHistory.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import type { AgentNode, RunState } from "../../domain/runState.ts";
import { guidanceOf, type Ticket } from "../../domain/ticket.ts";
import { bestSample } from "../../tickets/bestSample.ts";
import { changeTicket, closeTicket } from "../../tickets/change.ts";
import { requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { eventOnBase } from "../branch/eventOnBase.ts";
import { findingsBeforeRun, inOneLine } from "../branch/findingsBeforeRun.ts";
import type { AgentDeps } from "../deps.ts";
import { countFailedCallTokens } from "../prompting/failedCallTokens.ts";
import { rejectedDigests, UNTESTED, withAttempt } from "./attemptHistory.ts";
import type { CoderBrain, CoderInput, CoderResult, Reproducer } from "./contract.ts";
import { findRegressionTest, keepRegressionTest } from "./reproducing/regressionTest.ts";

type Deps = Pick<
  AgentDeps,
  "tickets" | "issues" | "blobs" | "audit" | "clock" | "workspaces" | "services" | "policyOf"
> & {
  brain: CoderBrain;
  history: ChangeHistory;
  recall: Recall;
  checkFor: CheckFor;
  reproducer: Reproducer;
};

/** Creates the quick check of one Attempt: reproduction and suite on the workspace as it is. */
export type CheckFor = (
  workspace: Workspace,
  event: CoderInput["event"],
  signal: AbortSignal,
  own: RegressionTest | null,
) => CoderInput["check"];

/** Plan → Patch. The diff's bytes go to the blob store, its digest into the state. */
export function createCoder(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const ground = await groundFor(deps, ticket, state, signal);
    await changeTicket(deps, ticket.id, () => ({ state: "coding" }));
    const { maxTokensPerTicket } = await deps.policyOf(ground.service, ticket);
    const left = Math.max(0, maxTokensPerTicket - ticket.tokens);
    const { own, notes, tokens } = await findRegressionTest(deps, ticket, { ...ground, tokenBudget: left });
    const input = await inputFor(deps, ticket, state, ground, { own, tokenBudget: Math.max(0, left - tokens) });
    const result = await countFailedCallTokens(deps, ticket.id, deps.brain.code(input));
    const said = { ...result, rejected: [...notes, ...result.rejected] };
    const change = result.kind === "patch" ? await input.workspace.diff() : "";
    if (said.kind !== "patch" || change === "") return abstain(deps, ticket, state, said);
    const test = own === null ? null : await keepRegressionTest(deps, ticket, { ...ground, test: own });
    return keepPatch(deps, ticket, state, said, { change, whole: await input.workspace.diff(), test });
  };
}

async function groundFor(deps: Deps, ticket: Ticket, state: RunState, signal: AbortSignal) {
  const newest = await bestSample(deps.issues, ticket);
  if (ticket.plan === null || newest === null)
    throw new SelfhealError("planNotFound", `ticket ${ticket.id} has no plan or no event to work from`);
  const service = requireService(deps.services, ticket);
  const workspace = await deps.workspaces.open(service, ticket.id, state.baseCommit);
  const event = await eventOnBase(deps.history, workspace, newest);
  return { event, plan: ticket.plan, service, workspace, signal };
}

/** The brain's input for a ticket. */
export async function inputFor(
  deps: Pick<Deps, "recall" | "checkFor" | "reproducer">,
  ticket: Ticket,
  state: Pick<RunState, "attempt">,
  { event, plan, workspace, signal }: Omit<Awaited<ReturnType<typeof groundFor>>, "service">,
  { own, tokenBudget }: { own: RegressionTest | null; tokenBudget: number },
): Promise<CoderInput> {
  const last = ticket.attempts.at(-1);
  const check = deps.checkFor(workspace, event, signal, own);
  return {
    event,
    plan,
    workspace,
    attempt: state.attempt + 1,
    rejectedDigests: rejectedDigests(ticket.attempts),
    feedback: state.attempt === 0 ? "" : (last?.outcome ?? ""),
    guidance: guidanceOf(ticket),
    recollections: await deps.recall(ticket),
    tokenBudget,
    reproduction: own,
    check: async (options) => {
      const found = await findingsBeforeRun(workspace, await workspace.diff());
      if (found.length === 0) return check(options);
      const summary = `not run, because a repair may not newly contain this: ${inOneLine(found)}`;
      return { reproductionPassed: false, suitePassed: null, summary };
    },
    ...(own?.kind === "call" && {
      async behaviour() {
        const { content } = await deps.reproducer.pin({ workspace, event, signal, test: own });
        return content === own.content ? null : content;
      },
    }),
    signal,
  };
}

async function keepPatch(
  deps: Deps,
  ticket: Ticket,
  state: RunState,
  result: Extract<CoderResult, { kind: "patch" }>,
  diff: { change: string; whole: string; test: RegressionTest | null },
) {
  const digest = await deps.blobs.put(diff.whole);
  const patch: Patch = {
    digest,
    baseCommit: state.baseCommit,
    ...describeDiff(diff.whole),
    by: result.by,
    explanation: result.explanation.slice(0, 4000),
    ...(diff.whole !== diff.change && { changeDigest: digestOf(diff.change) }),
  };
  const number = state.attempt + 1;
  const attempt: Attempt = { ...attemptOf(number, result), patch, outcome: UNTESTED };
  const facts = {
    patch: digest,
    base: state.baseCommit,
    files: patch.files,
    attempt: number,
    reproduction: diff.test === null ? null : `${diff.test.kind}, ${diff.test.origin}`,
    brain: deps.brain.name,
    plan: planDigest(ticket.plan),
    guided: guidanceOf(ticket) !== "",
  };
  await allSettledOrThrow(
    changeTicket(deps, ticket.id, (t) => ({
      patch,
      evidence: null,
      review: null,
      gate: null,
      attempts: withAttempt(t.attempts, attempt),
      tokens: t.tokens + result.tokens,
    })),
    deps.audit.append({ kind: "patch.written", actor: result.by, ticketId: ticket.id, facts }),
  );
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
  const attempt: Attempt = { ...attemptOf(number, result), patch: null, outcome: reason.slice(0, 4000) };
  await changeTicket(deps, ticket.id, (t) => ({
    patch: null,
    attempts: withAttempt(t.attempts, attempt),
    tokens: t.tokens + result.tokens,
  }));
  await closeTicket(deps, ticket.id, "abstained", reason, deps.brain.name);
  return { coding: "abstained", attempt: number, patchDigest: "", outcome: "abstained" } as const;
}

function attemptOf(number: number, result: CoderResult): Omit<Attempt, "patch" | "outcome"> {
  return { number, grade: "none", rejected: result.rejected.map((r) => r.slice(0, 500)), tokens: result.tokens };
}
