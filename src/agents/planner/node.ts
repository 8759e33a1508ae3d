import type { Recall } from "../../autonomy/memory.ts";
import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import type { CapturedEvent } from "../../domain/event.ts";
import { isStartRequested } from "../../domain/manualAction.ts";
import { type Plan, planDigest } from "../../domain/plan.ts";
import type { ChangeHistory } from "../../domain/ports/changeHistory.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { AgentNode, RunUpdate } from "../../domain/runState.ts";
import { safeRelease } from "../../domain/subject.ts";
import { guidanceOf, type Ticket } from "../../domain/ticket.ts";
import { isSecretFile } from "../../policy/editablePaths.ts";
import { type AskPersonDeps, askPerson } from "../../tickets/askPerson.ts";
import { bestSample } from "../../tickets/bestSample.ts";
import { changeTicket, closeTicket, updateWhile } from "../../tickets/change.ts";
import { requireTicket } from "../../tickets/requireTicket.ts";
import { eventOnBase } from "../branch/eventOnBase.ts";
import type { AgentDeps } from "../deps.ts";
import { countFailedCallTokens } from "../prompting/failedCallTokens.ts";
import type { PlannerBrain, PlannerInput } from "./contract.ts";
import { firstSeenOf } from "./firstSeen.ts";
import type { Preflight, PreflightInput } from "./preflightFacts.ts";
import { preflightVerdict } from "./preflightVerdict.ts";

type Deps = Pick<AgentDeps, "issues" | "workspaces" | "services" | "policyOf"> &
  AskPersonDeps & {
    brain: PlannerBrain;
    history: ChangeHistory;
    recall: Recall;
    /** The check before work starts; absent: none. */
    preflight?: Preflight | undefined;
    /** The commit to work from. Throws if there is none. */
    baseOf: (service: NonNullable<ReturnType<AgentDeps["services"]["get"]>>) => Promise<string>;
  };

/** Ticket → Plan: which files, which suspects, or why nothing is done. Every entry plans from the beginning. */
export function createPlanner(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const start: RunUpdate = {
      attempt: 0,
      grade: "none",
      testing: "none",
      cause: "",
      failed: "",
      question: "none",
      verdict: "none",
      decision: "none",
    };
    // The run that a person requested begins now. If the ticket was dismissed while the run waited, it stays dismissed.
    await deps.wakeUps.clear(ticket.id, "start");
    if (isStartRequested(ticket)) await changeTicket(deps, ticket.id, () => ({ startedBy: "" }));
    else if (ticket.state === "dismissed" && state.startedBy === "")
      return { ...start, planAction: "none", outcome: "dismissed" };
    const service = deps.services.get(ticket.service);
    if (service === undefined) return abstain(deps, ticket, start, `no service "${ticket.service}" is configured`);
    const policy = await deps.policyOf(service, ticket);
    if (policy.autonomy === "observe") {
      await changeTicket(deps, ticket.id, () => ({ reason: "observe: tickets only, nothing is changed" }));
      return { ...start, planAction: "none", outcome: "open" };
    }
    const newest = await bestSample(deps.issues, ticket);
    if (newest === null) return abstain(deps, ticket, start, "no event of this ticket is kept");

    const now = { state: "planning", closedAt: null, approval: null, applied: null } as const;
    const workspace = await updateWhile(deps, ticket.id, now, async () =>
      deps.workspaces.open(service, ticket.id, await deps.baseOf(service)),
    );
    const { baseCommit } = workspace;
    const event = await eventOnBase(deps.history, workspace, newest);
    const claim = await runPreflight(deps, { ticket, state, event: newest, workspace, signal });
    if (claim !== null) return { ...start, ...claim };
    const input = await inputFor(deps, ticket, { event, workspace, signal });
    const said = await countFailedCallTokens(deps, ticket.id, deps.brain.plan(input));
    const { tokens } = said;
    const places = await placesInCode(workspace, said.plan.places);
    const plan: Plan = { ...said.plan, places, trustTier: event.trustTier };
    await keepPlan(deps, ticket, { plan, tokens, event, baseCommit });
    if (plan.action === "abstain") {
      return abstain(deps, ticket, start, plan.reason, plan.wouldChangeMind);
    }
    if (!policy.approvePlan) return { ...start, planAction: "fix", baseCommit };
    const askedAt = deps.clock.now();
    const reasons = ["the plan needs approval (approvePlan)"];
    await askPerson(deps, ticket, {
      kind: "approvePlan",
      patchDigest: null,
      reasons,
      allowed: ["approve", "reject"],
      askedAt,
    });
    return { ...start, question: "approvePlan", patchDigest: "", planAction: "fix", baseCommit };
  };
}

/**
 * The places, without those whose file may hold secrets or cannot be read at the base, and without names of functions that
 * the file does not have: whoever sends an Event chooses both.
 */
async function placesInCode(workspace: Pick<Workspace, "read">, places: Plan["places"]): Promise<Plan["places"]> {
  const checked = places.map(async ({ function: name, ...place }) => {
    const text = isSecretFile(place.file) ? null : await workspace.read(place.file).catch(() => null);
    if (text === null) return [];
    const last = name?.split(/[.#/ ]/).at(-1) ?? "";
    const isThere = last !== "" && text.split(/[^\w$?!]+/).includes(last);
    return [isThere && name !== undefined ? { ...place, function: name } : place];
  });
  return (await Promise.all(checked)).flat();
}

/** The brain's input for a ticket. */
export async function inputFor(
  deps: Pick<Deps, "issues" | "workspaces" | "history" | "recall">,
  ticket: Ticket,
  { event, workspace, signal }: Pick<PlannerInput, "event" | "workspace" | "signal">,
): Promise<PlannerInput> {
  return {
    event,
    beginning: await firstSeenOf(deps, ticket, workspace, event),
    workspace,
    guidance: guidanceOf(ticket),
    ...(ticket.origin !== undefined &&
      ticket.origin.service !== ticket.service && { originService: ticket.origin.service }),
    recollections: await deps.recall(ticket),
    signal,
  };
}

/** Decides whether the ticket is worked on, before anything is spent, and audits the facts of that; null: it is. */
async function runPreflight(deps: Deps, input: PreflightInput): Promise<RunUpdate | null> {
  if (deps.preflight === undefined) return null;
  const { ticket } = input;
  const seen = await deps.preflight(input);
  const claim = preflightVerdict(seen);
  const facts = {
    lastSeen: seen.lastSeen,
    releases: [...seen.releases].map(safeRelease),
    overruledBy: seen.overruledBy,
  };
  if (claim.kind === "go") {
    await deps.audit.append({ kind: "ticket.claimed", actor: "system", ticketId: ticket.id, facts });
    return null;
  }
  const { reason, wouldChangeMind, waitsFor } = claim;
  await closeTicket(deps, ticket.id, claim.state, `${reason}. What would change this: ${wouldChangeMind}`, "system", {
    facts: {
      ...facts,
      claim: claim.kind,
      commits: [...(seen.changedSince?.commits ?? [])],
      branches: seen.branches.map((branch) => `${branch.name} ${branch.commit}`),
    },
    ...(waitsFor && { waitsFor }),
  });
  return { planAction: "abstain", outcome: claim.state };
}

interface Planned {
  plan: Plan;
  tokens: number;
  event: CapturedEvent;
  baseCommit: string;
}

async function keepPlan(deps: Deps, ticket: Ticket, { plan, tokens, event, baseCommit }: Planned): Promise<void> {
  const facts = {
    action: plan.action,
    files: plan.files,
    reason: plan.reason.slice(0, 500),
    plan: planDigest(plan),
    brain: deps.brain.name,
    base: baseCommit,
    event: event.id,
    trustTier: event.trustTier,
    beyondFrames: plan.beyondFrames ?? [],
    guided: guidanceOf(ticket) !== "",
  };
  await allSettledOrThrow(
    changeTicket(deps, ticket.id, (t) => ({
      plan,
      rootCause: plan.rootCause === "" ? t.rootCause : plan.rootCause,
      tokens: t.tokens + tokens,
    })),
    deps.audit.append({ kind: "ticket.planned", actor: plan.by, ticketId: ticket.id, facts }),
  );
}

async function abstain(
  deps: Deps,
  ticket: Ticket,
  start: RunUpdate,
  reason: string,
  wouldChangeMind = "",
): Promise<RunUpdate> {
  const whole = wouldChangeMind === "" ? reason : `${reason}. What would change this: ${wouldChangeMind}`;
  await closeTicket(deps, ticket.id, "abstained", whole);
  return { ...start, planAction: "abstain", outcome: "abstained" };
}
