import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import type { Facts } from "../../domain/audit.ts";
import type { CanaryProgress } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { SelfhealError } from "../../domain/errors.ts";
import type { TicketClaim } from "../../domain/lease.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RunUpdate } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import { changeTicket } from "../../tickets/change.ts";
import { auditMarkOf, auditOnce } from "../deployment/auditMarks.ts";
import { type DeploymentDeps, TRY_AGAIN_MS } from "../deployment/deps.ts";
import { nextStep, type Step } from "../deployment/nextStep.ts";
import { canariesOf } from "../deployment/removeCanary.ts";
import { failureOf, restoreCommit, whyUnhealthy } from "../deployment/restoreCommit.ts";
import type { DeployerDeps } from "./deps.ts";

/** A deployment for which this run has the service's slot. */
export interface Release {
  ticket: Ticket;
  service: Service;
  deployment: Deployment;
  workspace: Workspace;
  signal: AbortSignal;
  /**
   * The ticket's lease. A process that was stopped past the end of its lease does nothing to production: it starts
   * over, and asks what is live.
   */
  claim: TicketClaim | undefined;
}

/**
 * Continues a deployment from step `from` until the journal has its outcome. An aborted run stops between two effects
 * and leaves the deployment unfinished; the next entry asks the target what is live.
 */
export async function continueRelease(deps: DeployerDeps, release: Release, from: Step): Promise<RunUpdate> {
  const { deployment, service, signal } = release;
  if (from === "unknown") return settleUnknown(deps, release);
  if (from === "rollBack" || from === "confirm")
    return takeBack(deps, release, "selfheal was stopped while it rolled back", from);
  if (from === "deploy") {
    if (await deps.paused()) return putOff(deps, release.ticket, "selfheal is paused");
    if (await isFenced(release.claim)) return putOff(deps, release.ticket, "this process was stopped past its lease");
    await auditOnce(deps.audit, "deploy.started", deployment);
    // The write of the mark takes time, so the kill switch is read once more, right before the effect.
    if (await deps.paused()) return putOff(deps, release.ticket, "selfheal is paused");
    const failure = await runDeploy(deps, release);
    if (failure !== null) return takeBack(deps, release, failure, "rollBack");
  }
  const unwell = await whyUnhealthy(deps, service, deployment.commit, signal);
  if (unwell !== null) return takeBack(deps, release, unwell, "rollBack");
  const settled = await settleRelease(deps, release, "live", "deployed and healthy");
  return nowLive(deps, release.ticket, service, settled);
}

/**
 * Settles a deployment in the journal. Clears the wake-up of its canary first, which would enter a settled deployment.
 */
export async function settleRelease(
  deps: DeploymentDeps,
  { ticket, deployment: { id, fencingToken, canary } }: Pick<Release, "ticket" | "deployment">,
  state: Parameters<DeploymentDeps["journal"]["settle"]>[2],
  reason: string,
): Promise<Deployment> {
  if (canary !== undefined) await deps.wakeUps.clear(ticket.id, "canary");
  return deps.journal.settle(id, fencingToken, state, reason);
}

/** Renews the ticket's lease; returns whether another process has taken it. Without a claim: false. */
export async function isFenced(claim: TicketClaim | undefined): Promise<boolean> {
  try {
    await claim?.renew();
    return false;
  } catch (thrown) {
    if (SelfhealError.isInstance(thrown) && thrown.code === "fenced") return true;
    throw thrown;
  }
}

/** After a restart: the next step of a deployment that was intended and never settled. */
export async function stepAfterRestart(deps: DeployerDeps, service: Service, deployment: Deployment): Promise<Step> {
  const started = (await auditMarkOf(deps.audit, "deploy.started", deployment)) !== null;
  // The service may report the canary's commit as live although only the canary runs it.
  if (deployment.canary !== undefined && !started) return "deploy";
  return nextStep(deployment, {
    live: await deps.target.liveCommit(service),
    started,
    rollingBack: (await auditMarkOf(deps.audit, "deploy.rolling_back", deployment)) !== null,
  });
}

async function runDeploy(
  deps: DeployerDeps,
  { deployment, service, workspace, signal }: Release,
): Promise<string | null> {
  const { ticketId, commit, previousCommit, branch } = deployment;
  const order = { ticketId, commit, previousCommit, branch, dir: workspace.dir };
  const whole = deployment.canary === undefined ? deps.target.deploy : canariesOf(deps).promote;
  const result = await whole(service, order, signal);
  signal.throwIfAborted();
  return failureOf("the deploy command", result);
}

/** Restores the previous commit. Settles as `rolledBack` only if that commit is seen to be healthy, else `failed`. */
async function takeBack(
  deps: DeployerDeps,
  release: Release,
  failure: string,
  from: "rollBack" | "confirm",
): Promise<RunUpdate> {
  const { deployment, service, signal } = release;
  await auditOnce(deps.audit, "deploy.rolling_back", deployment, { reason: failure.slice(0, 500) });
  const begun = await auditMarkOf(deps.audit, "deploy.rolling_back", deployment);
  const first = typeof begun?.reason === "string" ? begun.reason : failure;
  const stuck =
    (from === "rollBack"
      ? await restoreCommit(deps, service, deployment, signal)
      : await whyUnhealthy(deps, service, deployment.previousCommit, signal)) ?? (await abortCanaryToo(deps, release));
  const previous = deployment.previousCommit.slice(0, 12);
  const reason =
    stuck === null
      ? `${first}; rolled back to ${previous}`
      : `${first}; rolling back to ${previous} did not work: ${stuck}`;
  const state = stuck === null ? "rolledBack" : "failed";
  if (stuck !== null) deps.log.error("a roll back did not work", { ticket: deployment.ticketId, reason: stuck });
  return settledOutcome(deps, release, await settleRelease(deps, release, state, reason));
}

/**
 * A canary that could not be promoted may still get its part of the traffic. If it has an `abortCommand`, that command
 * takes it out. Returns null, or what went wrong.
 */
async function abortCanaryToo(deps: DeployerDeps, { deployment, service, signal }: Release): Promise<string | null> {
  if (deployment.canary === undefined || service.canary?.abortCommand === undefined) return null;
  return restoreCommit(deps, service, deployment, signal, { run: canariesOf(deps).abort });
}

async function settleUnknown(deps: DeployerDeps, release: Release): Promise<RunUpdate> {
  const { deployment } = release;
  const { commit, previousCommit } = deployment;
  const reason =
    `selfheal was stopped in the middle of deploying ${commit.slice(0, 12)} (before: ${previousCommit.slice(0, 12)}), ` +
    "and the service does not tell which of them is live; look, and put one of them live";
  return settledOutcome(deps, release, await settleRelease(deps, release, "unknown", reason));
}

/** The run's next step after a deployment was settled. Brings ticket and audit log in line; safe to repeat. */
export async function settledOutcome(
  deps: DeployerDeps,
  { ticket, service }: Pick<Release, "ticket" | "service">,
  deployment: Deployment,
): Promise<RunUpdate> {
  const { state, reason } = deployment;
  if (state === "live") return nowLive(deps, ticket, service, deployment);
  await noteNotLive(deps, ticket, deployment);
  await changeTicket(deps, ticket.id, () => ({
    deploymentId: deployment.id,
    reason: reason.slice(0, 4000),
    ...(state === "rolledBack" && { state: "rolledBack" }),
  }));
  return { deploying: state === "unknown" ? "unknown" : "failed", cause: reason.slice(0, 2000) };
}

/**
 * Records a deployment that did not stay live, everywhere but on its ticket: audit log, breaker and track record. Safe
 * to repeat.
 */
export async function noteNotLive(deps: DeploymentDeps, ticket: Ticket, deployment: Deployment): Promise<void> {
  const { state, reason } = deployment;
  const kind = state === "rolledBack" ? "deploy.rolled_back" : state === "failed" ? "deploy.failed" : "deploy.unknown";
  await auditOnce(deps.audit, kind, deployment, { reason: reason.slice(0, 500) });
  if (await deps.breaker.noteRollBack()) deps.log.warn("the breaker is open: a person is asked before any deployment");
  // Without a roll back, the deployment says nothing about the Patch.
  if (state !== "unknown" && (await auditMarkOf(deps.audit, "deploy.rolling_back", deployment)) !== null)
    await deps.recordOutcome(ticket, { outcome: "reverted", patchDigest: deployment.patchDigest });
}

async function nowLive(
  deps: DeployerDeps,
  ticket: Ticket,
  service: Service,
  deployment: Deployment,
): Promise<RunUpdate> {
  const { id, commit, branch, settledAt } = deployment;
  if (deployment.canary !== undefined)
    await auditOnce(deps.audit, "canary.promoted", deployment, promotedBecause(deployment.canary));
  const noted = () => auditOnce(deps.audit, "deploy.live", deployment, { branch, auto: deployment.auto });
  const done: RunUpdate = { deploying: "live", verifying: "soaking", outcome: "soaking" };
  if (ticket.deploymentId === id && isClosed(ticket.state)) {
    await noted();
    return done;
  }
  const dueAt = (settledAt ?? deps.clock.now()) + service.soakMs;
  const health = service.health === undefined ? "; no health check is configured" : "";
  const reason = `${commit.slice(0, 12)} is live, from branch ${branch}; it is being watched${health}`;
  await allSettledOrThrow(
    noted(),
    deps.wakeUps.set({ ticketId: ticket.id, kind: "verify", dueAt }),
    changeTicket(deps, ticket.id, () => ({ state: "soaking", deploymentId: id, approval: null, reason })),
  );
  return done;
}

/** Why a canary was promoted, as facts: it was healthy by these figures, or a person approved in spite of them. */
function promotedBecause({ verdict, counted: { canary, baseline }, looks }: CanaryProgress): Facts {
  return {
    verdict,
    looks,
    requests: canary.requests,
    errors: canary.errors,
    baselineRequests: baseline.requests,
    baselineErrors: baseline.errors,
  };
}

/** Postpones the deployment: a stored wake-up tries again after `againMs` milliseconds. */
export async function putOff(
  deps: DeployerDeps,
  ticket: Ticket,
  why: string,
  againMs: number = TRY_AGAIN_MS,
): Promise<RunUpdate> {
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "deploy", dueAt: deps.clock.now() + againMs });
  const reason = `waits to be deployed: ${why}`;
  if (ticket.reason !== reason) {
    await deps.audit.append({ kind: "deploy.busy", actor: "system", ticketId: ticket.id, facts: { why } });
    await changeTicket(deps, ticket.id, () => ({ reason }));
  }
  return { deploying: "busy", outcome: "deploying" };
}
