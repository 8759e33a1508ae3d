import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { isCommitId } from "../../domain/ids.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { AgentNode, RunUpdate } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { changeTicket } from "../../tickets/change.ts";
import { requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { auditMarkOf, auditOnce } from "../deployment/auditMarks.ts";
import { type DeploymentDeps, TRY_AGAIN_MS } from "../deployment/deps.ts";
import { whyUnhealthy } from "../deployment/restoreCommit.ts";
import { serviceSlot } from "../deployment/serviceSlot.ts";
import { rollBackLive } from "./rollBack.ts";
import { heldEvidence, howHeld, whyNotHeld } from "./verdict.ts";
import { watchAppliedPatch } from "./watchApplied.ts";

export type VerifierDeps = DeploymentDeps & { issues: IssueStore };

/**
 * Decides whether a deployed Patch held. Entered when the soak window is over: no Event of the ticket's Issues since
 * the deployment, and healthy once more → healed. Otherwise the previous commit is restored, unless something newer is
 * on top. Entering it twice rolls back once.
 */
export function createVerifierNode(deps: VerifierDeps): AgentNode {
  return async (state, signal) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const service = requireService(deps.services, ticket);
    if (ticket.applied) return watchAppliedPatch(deps, ticket, service, ticket.applied);
    const deployment = await deploymentOf(deps, ticket);
    if (ticket.state === "healed") return held(deps, ticket, service, deployment);
    if (deployment.state !== "live") return recurred(deps, ticket, deployment, deployment.reason);
    const begun = await auditMarkOf(deps.audit, "fix.recurred", deployment);
    if (typeof begun?.reason === "string")
      return putBackOrAsk(deps, { ticket, service, deployment, signal }, begun.reason);

    const dueAt = (deployment.settledAt ?? deployment.intendedAt) + service.soakMs;
    if (deps.clock.now() < dueAt) return keepSoaking(deps, ticket, dueAt);
    // While another deployment is in flight, the health check says nothing about this commit.
    const slot = await serviceSlot(deps, service, ticket.id, signal);
    const againMs = service.canary?.everyMs ?? TRY_AGAIN_MS;
    if (slot.kind === "taken") return keepSoaking(deps, ticket, deps.clock.now() + againMs);
    if (slot.kind === "unknown")
      return { verifying: "unknown", cause: `whether it held cannot be told: ${slot.cause}` };
    const live = await deps.journal.live(service.name);
    const isLive = live?.commit === deployment.commit;
    const recurrences = await countRecurrences(deps, ticket, service, deployment);
    const unwell = isLive ? await whyUnhealthy(deps, service, deployment.commit, signal) : null;
    // Another deployment may have begun during the health check, which then says nothing about this commit either.
    const overtaken = unwell !== null && (await isOvertaken(deps, service, deployment));
    if (overtaken) return keepSoaking(deps, ticket, deps.clock.now() + TRY_AGAIN_MS);
    const reason = whyNotHeld({ recurrences, unwell });
    if (reason === null) return held(deps, ticket, service, deployment);
    return putBackOrAsk(deps, { ticket, service, deployment, signal }, reason);
  };
}

async function deploymentOf(deps: VerifierDeps, ticket: Ticket): Promise<Deployment> {
  const deployment = ticket.deploymentId === null ? null : await deps.journal.get(ticket.deploymentId);
  if (deployment !== null) return deployment;
  throw new SelfhealError("deploymentNotFound", `ticket ${ticket.id} has no deployment to verify`);
}

async function isOvertaken(deps: VerifierDeps, service: Service, deployment: Deployment): Promise<boolean> {
  if ((await deps.journal.inFlight(service.name)) !== null) return true;
  return (await deps.journal.live(service.name))?.commit !== deployment.commit;
}

async function keepSoaking(deps: VerifierDeps, ticket: Ticket, dueAt: number): Promise<RunUpdate> {
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "verify", dueAt });
  return { verifying: "soaking", outcome: "soaking" };
}

/** Counts Events since the deployment, without late ones of releases older than the fix (if releases are commits). */
async function countRecurrences(
  deps: VerifierDeps,
  ticket: Ticket,
  service: Service,
  { commit, settledAt, intendedAt }: Deployment,
): Promise<number> {
  const since = settledAt ?? intendedAt;
  let count = 0;
  for (const id of ticket.issueIds) {
    const all = await deps.issues.countSince(id, since);
    count += all;
    const releases = all === 0 ? [] : ((await deps.issues.get(id))?.releases ?? []);
    for (const release of releases.filter((name) => name !== commit && isCommitId(name))) {
      const older = await deps.workspaces.contains(service, commit, release);
      if (older) count -= await deps.issues.countSince(id, since, release);
    }
  }
  return count;
}

async function held(deps: VerifierDeps, ticket: Ticket, service: Service, deployment: Deployment): Promise<RunUpdate> {
  const now = deps.clock.now();
  const reason = howHeld(service, deployment, now - (deployment.settledAt ?? deployment.intendedAt));
  const heal = () =>
    changeTicket(deps, ticket.id, (t) => {
      if (t.state === "healed") return {};
      const evidence = t.evidence && heldEvidence(t.evidence, service, deployment);
      return { state: "healed", reason, evidence, closedAt: now, approval: null };
    });
  const [, , after] = await allSettledOrThrow(
    auditOnce(deps.audit, "fix.held", deployment, { reason, soakMs: service.soakMs }),
    deps.recordOutcome(ticket, { outcome: "held", patchDigest: deployment.patchDigest }),
    heal(),
    deps.wakeUps.clear(ticket.id, "verify"),
  );
  return { verifying: "held", outcome: "healed", grade: after.evidence?.grade ?? "none" };
}

interface Failing {
  ticket: Ticket;
  service: Service;
  deployment: Deployment;
  signal: AbortSignal;
}

async function putBackOrAsk(deps: VerifierDeps, failing: Failing, reason: string): Promise<RunUpdate> {
  const { ticket, deployment } = failing;
  // The decision is audited before anything is done about it: a restart must not find that the Patch held after all.
  await auditOnce(deps.audit, "fix.recurred", deployment, { reason: reason.slice(0, 500) });
  const outcome = await rollBackLive(deps, failing, reason);
  if (outcome.kind === "wait") return keepSoaking(deps, ticket, deps.clock.now() + TRY_AGAIN_MS);
  const cause = `${reason}; ${outcome.text}`;
  if (outcome.kind === "out") {
    await deps.journal.settle(deployment.id, deployment.fencingToken, "rolledBack", cause);
    await auditOnce(deps.audit, "deploy.rolled_back", deployment, { reason: cause.slice(0, 500) });
  }
  return recurred(deps, ticket, deployment, cause);
}

/** Hands the ticket to a person, with what happened in its reason. */
async function recurred(deps: VerifierDeps, ticket: Ticket, deployment: Deployment, cause: string): Promise<RunUpdate> {
  await auditOnce(deps.audit, "fix.recurred", deployment, { reason: cause.slice(0, 500) });
  await deps.recordOutcome(ticket, { outcome: "reverted", patchDigest: deployment.patchDigest });
  const isOut = (await deps.journal.get(deployment.id))?.state === "rolledBack";
  await changeTicket(deps, ticket.id, () => ({ ...(isOut && { state: "rolledBack" }), reason: cause.slice(0, 4000) }));
  await deps.wakeUps.clear(ticket.id, "verify");
  return { verifying: "recurred", cause: cause.slice(0, 2000) };
}
