import { type PrepareDeps, prepareBranch } from "../agents/branch/prepareBranch.ts";
import type { AgentDeps } from "../agents/deps.ts";
import type { CircuitBreaker } from "../autonomy/circuitBreaker.ts";
import type { DeployJournal } from "../domain/ports/deployJournal.ts";
import type { AgentNode, RunUpdate } from "../domain/runState.ts";
import type { Service } from "../domain/service.ts";
import { type GateDecision, isClosed, type Ticket } from "../domain/ticket.ts";
import { reviewDiff } from "../policy/diffPolicy.ts";
import { type Condition, decide, type Ledger } from "../policy/gate.ts";
import { undoesEarlierFix } from "../policy/loopDetection.ts";
import { type AskPersonDeps, askPerson } from "../tickets/askPerson.ts";
import { changeTicket, closeTicket } from "../tickets/change.ts";
import { patchOf, serviceOf, ticketOf } from "../tickets/ticketOf.ts";
import { gateFacts } from "./gateFacts.ts";

const HOUR = 3_600_000;

export type GateDeps = Pick<
  AgentDeps,
  "tickets" | "blobs" | "audit" | "clock" | "wakeUps" | "services" | "policyOf" | "log"
> &
  AskPersonDeps &
  PrepareDeps & {
    journal: DeployJournal;
    breaker: Pick<CircuitBreaker, "rollbacksSince">;
    /** The kill switch. */
    paused: () => Promise<boolean>;
    /** null when the live commit and the branch have diverged. */
    baseOf: (service: Service) => Promise<string | null>;
  };

/**
 * Evidence → verdict, by the pure policy; where a person is needed, the Patch on a branch, then the question. No model is
 * asked.
 */
export function createGate(deps: GateDeps): AgentNode {
  return async (state) => {
    const ticket = await ticketOf(deps.tickets, state.ticketId);
    // From here on it is deployed, or somebody is asked: a wake-up from before has nothing more to wake.
    await deps.wakeUps.clear(ticket.id, "deploy");
    // A wake-up that was under way while a person closed the ticket comes too late.
    if (isClosed(ticket.state)) return { verdict: "closed", outcome: ticket.state };
    const { patch, diff } = await patchOf(deps.blobs, ticket);
    const service = serviceOf(deps.services, ticket);
    const policy = await deps.policyOf(service, ticket);
    const ledger = await ledgerOf(deps, ticket, service, diff);
    const diffFindings = reviewDiff(diff, { allowedFiles: ticket.plan?.files ?? [], policy });
    const input = { ...ticket, patch, diffFindings, policy, ledger };
    const verdict = decide(input);
    const gate: GateDecision = { ...verdict, patchDigest: patch.digest, decidedAt: deps.clock.now() };
    // A ticket that waits for its turn comes by every second; only what is new is said. On record before it is on the
    // ticket: cut off in between, it is said twice, and not never.
    if (!sameDecision(ticket.gate, gate))
      await deps.audit.append({
        kind: "gate.decided",
        actor: "system",
        ticketId: ticket.id,
        facts: gateFacts(input, verdict),
      });
    await changeTicket(deps, ticket.id, () => ({ gate }));
    if (verdict.verdict === "auto") return { verdict: "auto" };
    // Only the kill switch is in the way: nothing that a person could weigh, so it waits for the switch, not for them.
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

/** What a patch must not fall short of to be on a branch before a person has looked at it. */
const HARMLESS: readonly Condition[] = ["reviewClean", "diffPolicyClean", "trustTierAllowed"];

/** A branch is seen by the repository's own machinery, which builds and tests it with what it has: no place for a suspect diff. */
function maySee(missing: readonly string[]): boolean {
  return HARMLESS.every((name) => !missing.includes(name));
}

/** What a person weighs in a patch. The other conditions are about the moment, and a yes stands over them. */
const WEIGHED: readonly Condition[] = [
  "evidenceE2",
  "noInfrastructureFailure",
  "suitePassed",
  "inputCaptured",
  "sandboxGrade",
  "reviewClean",
  "diffPolicyClean",
];

/**
 * A person's yes stands for exactly the diff it was given for, until somebody says otherwise, or until the diff (ported to
 * a new base and tested again) falls short of something that it did not fall short of when they were asked.
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

/** How far back an earlier fix is remembered when a new patch may undo it, milliseconds. */
const LOOP_MS = 30 * 24 * HOUR;

/** The diffs that were put live on the service, but for this ticket's own. */
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

/** Other tickets on these Issues whose fix held for a while: the Issues are back. */
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
    undoesFix: undoesEarlierFix(diff, await earlierFixes(deps, ticket, service)),
    paused: await deps.paused(),
    liveDiverged: (await deps.baseOf(service)) === null,
  };
}
