import { type PrepareDeps, prepareBranch } from "../../agents/branch/publishForReview.ts";
import type { AgentDeps } from "../../agents/deps.ts";
import type { CircuitBreaker } from "../../autonomy/circuitBreaker.ts";
import type { Plan } from "../../domain/plan.ts";
import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { AgentNode, RunUpdate } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import { type GateDecision, isClosed, type Ticket } from "../../domain/ticket.ts";
import { reviewDiff } from "../../policy/diffPolicy.ts";
import { type Condition, decide, type GateInput, type Ledger } from "../../policy/gate.ts";
import { undoesEarlierPatch } from "../../policy/undoesEarlierPatch.ts";
import { type AskPersonDeps, askPerson } from "../../tickets/askPerson.ts";
import { changeTicket, closeTicket } from "../../tickets/change.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { gateFacts } from "./gateFacts.ts";

const HOUR = 3_600_000;

/** What the node `gate` needs. */
export type GateDeps = Pick<
  AgentDeps,
  "tickets" | "blobs" | "audit" | "clock" | "wakeUps" | "services" | "policyOf" | "log"
> &
  AskPersonDeps &
  PrepareDeps & {
    journal: DeployJournal;
    breaker: Pick<CircuitBreaker, "rollbacksSince">;
    /** Whether the kill switch is on. */
    paused: () => Promise<boolean>;
    /** The commit that a patch must be based on. null when the live commit and the branch have diverged. */
    baseOf: (service: Service) => Promise<string | null>;
  };

/**
 * The node `gate`: turns Evidence into a verdict with the pure rules of `decide`. Where a person is needed, it puts the
 * Patch on a branch, then asks. It asks no model. The conditions are in docs/gates.md.
 */
export function createGate(deps: GateDeps): AgentNode {
  return async (state) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    // From here on the Patch is deployed or a person is asked, so an earlier wake-up has nothing left to do.
    await deps.wakeUps.clear(ticket.id, "deploy");
    // A person closed the ticket while the wake-up was on its way: it is too late.
    if (isClosed(ticket.state)) return { verdict: "closed", outcome: ticket.state };
    const { patch, diff } = await requirePatch(deps.blobs, ticket);
    const service = requireService(deps.services, ticket);
    const policy = await deps.policyOf(service, ticket);
    const ledger = await ledgerOf(deps, ticket, service, diff);
    const diffFindings = reviewDiff(diff, { allowedFiles: ticket.plan?.files ?? [], policy });
    const { severity, evidence, review } = ticket;
    const plan = ticket.plan && provenanceOf(ticket.plan);
    const input = { severity, plan, evidence, review, patch, diffFindings, policy, ledger };
    const verdict = decide(input);
    const gate: GateDecision = { ...verdict, patchDigest: patch.digest, decidedAt: deps.clock.now() };
    // A waiting ticket enters the gate every second, so only a new decision is recorded. The audit entry is written
    // before the ticket: after a crash in between there are two entries, never none.
    if (!sameDecision(ticket.gate, gate))
      await deps.audit.append({
        kind: "gate.decided",
        actor: "system",
        ticketId: ticket.id,
        facts: gateFacts(input, verdict),
      });
    await changeTicket(deps, ticket.id, () => ({ gate }));
    if (verdict.verdict === "auto") return { verdict: "auto" };
    // Only the kill switch prevents it. A person has nothing to weigh, so the ticket waits for the switch.
    if (verdict.missing.every((name) => name === "notPaused") && verdict.refusedBy.length === 0)
      return waitForSwitch(deps, ticket);
    if (verdict.verdict === "refuse")
      return { verdict: "refuse", cause: `refused by ${verdict.refusedBy.join(", ")}`.slice(0, 2000) };
    if (policy.autonomy === "assist") {
      await closeTicket(deps, ticket.id, "proposed", "assist: the patch is ready for a person to apply");
      return { verdict: "propose", outcome: "proposed" };
    }
    if (await approvedBefore(deps, ticket, gate)) return { verdict: "approved" };
    const branch = maySee(verdict.missing)
      ? (await prepareBranch(deps, { ...ticket, gate }, service)).branch
      : undefined;
    await askPerson(deps, ticket, {
      kind: "approveDeploy",
      patchDigest: patch.digest,
      reasons: [...verdict.missing, ...(state.decision === "unreadable" && state.cause !== "" ? [state.cause] : [])],
      allowed: ["approve", "edit", "reject"],
      askedAt: deps.clock.now(),
      ...(branch !== undefined && { branch }),
    });
    return { verdict: "ask", question: "approveDeploy", patchDigest: patch.digest };
  };
}

function provenanceOf({ trustTier, beyondFrames }: Plan): NonNullable<GateInput["plan"]> {
  return { ...(trustTier && { trustTier }), ...(beyondFrames && { beyondFrames }) };
}

async function waitForSwitch(deps: GateDeps, ticket: Ticket): Promise<RunUpdate> {
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "deploy", dueAt: deps.clock.now() });
  await changeTicket(deps, ticket.id, () => ({
    state: "deploying",
    reason: "waits to be deployed: selfheal is paused",
  }));
  return { verdict: "later", outcome: "deploying" };
}

function sameDecision(before: GateDecision | null, now: GateDecision): boolean {
  const facts = (g: GateDecision) => JSON.stringify([g.verdict, g.missing, g.refusedBy, g.patchDigest]);
  return before !== null && facts(before) === facts(now);
}

/** The conditions that a Patch must meet before it is published on a branch that no person has looked at. */
const HARMLESS: readonly Condition[] = ["reviewClean", "diffPolicyClean", "trustTierAllowed"];

/**
 * The repository's own CI sees a branch and builds and tests it with its own credentials, so a suspect diff must not be
 * there.
 */
function maySee(missing: readonly string[]): boolean {
  return HARMLESS.every((name) => !missing.includes(name));
}

/**
 * The conditions that a person weighs in a Patch. The others concern the current moment, and an approval holds
 * regardless of them.
 */
const WEIGHED: readonly Condition[] = [
  "evidenceE2",
  "noInfrastructureFailure",
  "suitePassed",
  "inputCaptured",
  "sandboxGrade",
  "reviewClean",
  "diffPolicyClean",
  "admittedEdit",
];

/**
 * Whether a person has approved this Patch. An approval is for exactly one diff. It ends with the next answer. It also
 * ends when the diff (ported to a new base and tested again) misses a condition that it did not miss when the person
 * was asked.
 */
async function approvedBefore(
  deps: GateDeps,
  ticket: Ticket,
  { patchDigest, missing }: GateDecision,
): Promise<boolean> {
  const last = ticket.decisions.at(-1);
  if (last?.type !== "approve" || last.patchDigest !== patchDigest) return false;
  const asked = (await deps.audit.list({ ticketId: ticket.id })).find(
    ({ kind, facts }) => kind === "approval.asked" && facts.patch === patchDigest,
  );
  const seen = Array.isArray(asked?.facts.reasons) ? asked.facts.reasons : [];
  return WEIGHED.every((name) => !missing.includes(name) || seen.includes(name));
}

/** Whether a person said no: to this very diff, or by closing another ticket on these Issues. */
function wasTurnedDown(ticket: Ticket, related: readonly Ticket[]): boolean {
  const sentBack = ticket.decisions.findLast(({ patchDigest }) => patchDigest === ticket.patch?.digest);
  if (sentBack !== undefined && sentBack.type !== "approve") return true;
  return related.some(({ id, state }) => id !== ticket.id && (state === "rejected" || state === "dismissed"));
}

/** How long an earlier deployed Patch is remembered, so that a new Patch does not undo it, milliseconds. */
const LOOP_MS = 30 * 24 * HOUR;

/** The diffs of the Patches that went live on the service, without those of this ticket. */
async function earlierFixes(deps: GateDeps, ticket: Ticket, service: Service): Promise<string[]> {
  const deployed = await deps.journal.deployedSince(service.name, deps.clock.now() - LOOP_MS);
  const digests = deployed.filter((d) => d.state === "live" && d.ticketId !== ticket.id).map((d) => d.patchDigest);
  const diffs = await Promise.all([...new Set(digests)].map((digest) => deps.blobs.get(digest)));
  return diffs.filter((diff) => diff !== null);
}

/** The service's tickets on the same Issues, each once. */
async function relatedTo(deps: GateDeps, ticket: Ticket, service: Service): Promise<Ticket[]> {
  const lists = await Promise.all(
    ticket.issueIds.map((issueId) => deps.tickets.list({ issueId, service: service.name })),
  );
  return [...new Map(lists.flat().map((t) => [t.id, t])).values()];
}

/** How many other tickets on the same Issues were healed: their Issues are back. */
function healedBefore(ticket: Ticket, related: readonly Ticket[]): number {
  return related.filter(({ id, state }) => id !== ticket.id && state === "healed").length;
}

async function ledgerOf(deps: GateDeps, ticket: Ticket, service: Service, diff: string): Promise<Ledger> {
  const now = deps.clock.now();
  const related = await relatedTo(deps, ticket, service);
  const deployments = await Promise.all(
    related.map((t) => (t.deploymentId === null ? null : deps.journal.get(t.deploymentId))),
  );
  return {
    autoDeploysLastHour: await deps.journal.autoDeploysSince(now - HOUR),
    autoDeploysLastDay: await deps.journal.autoDeploysSince(now - 24 * HOUR),
    rollbacksLast24h: await deps.journal.rollbacksSince(await deps.breaker.rollbacksSince()),
    earlierFailures: deployments.filter((d) => d?.state === "failed" || d?.state === "rolledBack").length,
    recurrences: deployments.filter((d) => d?.state === "rolledBack").length + healedBefore(ticket, related),
    turnedDown: wasTurnedDown(ticket, related),
    tokensSpent: ticket.tokens,
    undoesFix: undoesEarlierPatch(diff, await earlierFixes(deps, ticket, service)),
    paused: await deps.paused(),
    liveDiverged: (await deps.baseOf(service)) === null,
  };
}
