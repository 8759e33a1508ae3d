import type { Deployment } from "../../domain/deployment.ts";

/** What is known about a deployment that was intended and never settled. */
export interface DeploymentSeen {
  /** What the target says is live; null when it cannot tell. */
  live: string | null;
  /** The deploy command was about to run. */
  started: boolean;
  /** The roll back was about to run. */
  rollingBack: boolean;
}

export type Step =
  /** The effect did not happen: deploy. */
  | "deploy"
  /** It is live: go on with its health. */
  | "health"
  /** It is to be rolled back, and still live. */
  | "rollBack"
  /** It was rolled back: confirm that the previous commit is well. */
  | "confirm"
  /** Nobody can tell; a person must look. */
  | "unknown";

/** How to go on after a restart, so that nothing is deployed or rolled back twice. The target's word comes first. */
export function nextStep(deployment: Pick<Deployment, "commit" | "previousCommit">, seen: DeploymentSeen): Step {
  if (seen.live === deployment.commit) return seen.rollingBack ? "rollBack" : "health";
  if (seen.live === deployment.previousCommit) return seen.rollingBack ? "confirm" : "deploy";
  if (seen.live === null && !seen.started && !seen.rollingBack) return "deploy";
  return "unknown";
}

/**
 * What became of a deployment that nobody works on any more (a person was asked, and has acted since), by what is live now.
 * null while the target cannot tell: the service's slot stays taken.
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
