import { isCanaryUp } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { SelfhealError } from "../../domain/errors.ts";
import type { CanaryTarget } from "../../domain/ports/deployTarget.ts";
import type { Service } from "../../domain/service.ts";
import { auditOnce } from "./auditMarks.ts";
import type { DeploymentDeps } from "./deps.ts";
import { restoreCommit, whyUnhealthy } from "./restoreCommit.ts";

/** The target that runs canaries. Throws SelfhealError `canary` if there is none. */
export function canariesOf({ canaries }: Pick<DeploymentDeps, "canaries">): CanaryTarget {
  if (canaries !== undefined) return canaries;
  throw new SelfhealError("canary", "a service has a canary, and nothing here can run one");
}

/** The deployment as the journal has it after the removal, and whether the removal worked. */
export interface CanaryRemoval {
  deployment: Deployment;
  /** Why the canary may still get traffic; null: the previous commit has all of the traffic and is healthy. */
  stuck: string | null;
}

/**
 * Takes a canary out. Intent and reason are recorded first, so that the next entry after a crash goes on here. If the
 * service reports that its canary is out already, no command runs again.
 */
export async function removeCanary(
  deps: DeploymentDeps,
  service: Service,
  deployment: Deployment,
  why: { reason: string; blamed: boolean; signal: AbortSignal },
): Promise<CanaryRemoval> {
  const { id, fencingToken, previousCommit, canary } = deployment;
  const { reason, blamed, signal } = why;
  if (!isCanaryUp(canary)) return { deployment, stuck: null };
  const wasAborting = canary.stage === "aborting";
  const aborting = { ...canary, stage: "aborting" as const, reason: reason.slice(0, 1000), blamed };
  const intended = wasAborting ? deployment : await deps.journal.noteCanary(id, fencingToken, aborting);
  // Only after the intent: a mark without the intent would take out a canary that is found healthy after all.
  if (blamed) await auditOnce(deps.audit, "deploy.rolling_back", deployment, { reason: reason.slice(0, 500) });
  const isOut = wasAborting && (await canariesOf(deps).running(service)) === "none";
  const stuck = isOut
    ? await whyUnhealthy(deps, service, previousCommit, signal)
    : await abort(deps, service, deployment, signal);
  if (stuck !== null) return { deployment: intended, stuck };
  await auditOnce(deps.audit, "canary.aborted", deployment, { reason: reason.slice(0, 500), blamed });
  const aborted = { ...(intended.canary ?? aborting), stage: "aborted" as const };
  return { deployment: await deps.journal.noteCanary(id, fencingToken, aborted), stuck };
}

/** Runs the abort. Returns null, or what went wrong. */
async function abort(
  deps: DeploymentDeps,
  service: Service,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<string | null> {
  const live = await deps.target.liveCommit(service);
  const overtaken = live !== null && live !== deployment.previousCommit && live !== deployment.commit;
  // Without an `abortCommand`, the abort deploys the previous commit to all of the traffic, over what somebody put live
  // since.
  if (overtaken && service.canary?.abortCommand === undefined)
    return `${live.slice(0, 12)} was put live meanwhile, and there is no abortCommand`;
  const run = canariesOf(deps).abort;
  return restoreCommit(deps, service, deployment, signal, overtaken ? { run, expect: live } : { run });
}

/**
 * Ends a canary that nobody waits for any more, and settles its deployment; that says nothing about the Patch. Returns
 * null, or what went wrong: then a person must look, and the log says so.
 */
export async function abandonCanary(
  deps: DeploymentDeps,
  service: Service,
  left: Deployment,
  why: { reason: string; signal: AbortSignal },
): Promise<string | null> {
  const grant = await deps.journal.intend(left);
  if (grant.kind !== "unfinished") return null;
  const { deployment, stuck } = await removeCanary(deps, service, grant.deployment, { ...why, blamed: false });
  const text = stuck === null ? why.reason : `${why.reason}; taking the canary out did not work: ${stuck}`;
  if (stuck !== null) {
    deps.log.error("a canary could not be taken out", { ticket: left.ticketId, reason: stuck });
    await auditOnce(deps.audit, "deploy.failed", deployment, { reason: text.slice(0, 500) });
  }
  await deps.journal.settle(deployment.id, deployment.fencingToken, stuck === null ? "abandoned" : "failed", text);
  return stuck;
}
