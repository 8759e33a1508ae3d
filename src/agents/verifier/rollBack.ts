import type { Deployment } from "../../domain/deployment.ts";
import type { Service } from "../../domain/service.ts";
import { auditMarkOf, auditOnce } from "../deployment/auditMarks.ts";
import type { DeploymentDeps } from "../deployment/deps.ts";
import { nextStep } from "../deployment/nextStep.ts";
import { restoreCommit, whyUnhealthy } from "../deployment/restoreCommit.ts";

/** How a roll back ended. */
export type RollBackResult =
  /** The previous commit is live and healthy. */
  | { kind: "out"; text: string }
  /** The Patch is still live, or that is not known; a person must look. */
  | { kind: "stays"; text: string }
  /** The service's slot is taken. */
  | { kind: "wait" };

/**
 * Rolls a live deployment back. In the journal this is a deployment of its own, of the previous commit
 * (docs/decisions/0011-a-roll-back-is-a-deployment.md): it has the service's only slot, so nothing is deployed on top
 * meanwhile, and a restart finds it there and asks the target.
 */
export async function rollBackLive(
  deps: DeploymentDeps,
  { deployment, service, signal }: { deployment: Deployment; service: Service; signal: AbortSignal },
  reason: string,
): Promise<RollBackResult> {
  const begun = (await auditMarkOf(deps.audit, "deploy.rolling_back", deployment)) !== null;
  if (!begun && !(await isOnTop(deps, deployment))) return { kind: "stays", text: COVERED };
  const { ticketId, patchDigest, branch } = deployment;
  const [commit, previousCommit] = [deployment.previousCommit, deployment.commit];
  const wanted = { ticketId, service: service.name, patchDigest, branch, commit, previousCommit, auto: false };
  const grant = await deps.journal.intend({ ...wanted, key: `rollback of ${deployment.id}` });
  if (grant.kind === "busy" || grant.kind === "limited") return { kind: "wait" };
  if (grant.kind === "settled") return ending(grant.deployment);
  const { id, fencingToken } = grant.deployment;
  const settle = async (state: "live" | "failed" | "unknown" | "abandoned", text: string) =>
    ending(await deps.journal.settle(id, fencingToken, state, text));

  if (!begun && !(await isOnTop(deps, deployment))) return settle("abandoned", COVERED);
  const live = begun ? await deps.target.liveCommit(service) : null;
  const step = nextStep({ commit, previousCommit }, { live, started: begun, rollingBack: false });
  if (step === "unknown")
    return settle("unknown", "selfheal was stopped while rolling back, and what is live is not known");
  await auditOnce(deps.audit, "deploy.rolling_back", deployment, { reason: reason.slice(0, 500) });
  const stuck =
    step === "deploy"
      ? await restoreCommit(deps, service, deployment, signal)
      : await whyUnhealthy(deps, service, commit, signal);
  if (stuck === null) return settle("live", `rolled back to ${commit.slice(0, 12)}`);
  deps.log.error("a roll back did not work", { ticket: ticketId, reason: stuck });
  return settle("failed", `rolling back to ${commit.slice(0, 12)} did not work: ${stuck}`);
}

const COVERED = "it was not rolled back, for a newer deployment is on top";

async function isOnTop(deps: DeploymentDeps, deployment: Deployment): Promise<boolean> {
  return (await deps.journal.live(deployment.service))?.commit === deployment.commit;
}

function ending({ state, reason }: Deployment): RollBackResult {
  return state === "live" ? { kind: "out", text: reason } : { kind: "stays", text: reason };
}
