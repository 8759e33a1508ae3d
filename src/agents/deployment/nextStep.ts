import type { Deployment } from "../../domain/deployment.ts";

/** What is known about a deployment that was intended and never settled. */
export interface DeploymentSeen {
  /** What the target reports as live; null: it cannot tell. */
  live: string | null;
  /** The deploy command was about to run. */
  started: boolean;
  /** The roll back was about to run. */
  rollingBack: boolean;
}

/** The next step of a deployment. */
export type Step =
  /** The effect did not happen: deploy. */
  | "deploy"
  /** It is live: check its health. */
  | "health"
  /** A roll back was decided, and the commit is still live. */
  | "rollBack"
  /** It was rolled back: confirm that the previous commit is healthy. */
  | "confirm"
  /** Not known; a person must look. */
  | "unknown";

/**
 * The next step after a restart, so that nothing is deployed or rolled back twice. The target's report counts first.
 */
export function nextStep(deployment: Pick<Deployment, "commit" | "previousCommit">, seen: DeploymentSeen): Step {
  if (seen.live === deployment.commit) return seen.rollingBack ? "rollBack" : "health";
  if (seen.live === deployment.previousCommit) return seen.rollingBack ? "confirm" : "deploy";
  if (seen.live === null && !seen.started && !seen.rollingBack) return "deploy";
  return "unknown";
}

/**
 * The outcome of a deployment that no run works on any more (a person was asked, and has acted since), by what is live
 * now. null: the target cannot tell, and the service's slot stays taken.
 */
export function outcomeSeen(
  deployment: Pick<Deployment, "commit" | "previousCommit">,
  live: string | null,
): { state: "live" | "rolledBack" | "failed"; reason: string } | null {
  if (live === null) return null;
  if (live === deployment.commit) return { state: "live", reason: "found live later" };
  if (live === deployment.previousCommit)
    return { state: "rolledBack", reason: "the previous commit was found live later" };
  return { state: "failed", reason: `another commit, ${live}, was found live later` };
}
