import type { CanaryProgress } from "../canary.ts";
import type { Deployment } from "../deployment.ts";

/** The journal's answer to an intent to deploy. */
export type DeployGrant =
  /** The caller may deploy: it has the service's only deployment slot. */
  | { kind: "granted"; deployment: Deployment }
  /** A deployment with this key was settled earlier. Do not deploy again; its outcome applies. */
  | { kind: "settled"; deployment: Deployment }
  /**
   * A deployment with this key was intended earlier and never settled. Ask the target which commit is live. The token
   * is new.
   */
  | { kind: "unfinished"; deployment: Deployment }
  /** Another ticket's deployment of the service is in flight; `by` is the id of that ticket. */
  | { kind: "busy"; by: string }
  /** One more automatic deployment would exceed this limit. */
  | { kind: "limited"; limit: "rateHour" | "rateDay" | "breakerClosed" };

/**
 * Limits of automatic deployments over all services. They are checked in the same transaction that grants the
 * deployment.
 */
export interface DeployLimits {
  maxPerHour: number;
  maxPerDay: number;
  /**
   * The circuit breaker opens at this number of rollbacks and failed deployments since `rollbacksSinceMs` (milliseconds
   * since the epoch). While it is open, selfheal deploys nothing automatically.
   */
  maxRollbacks: number;
  rollbacksSinceMs: number;
}

/**
 * Journal of deployments. A caller writes the intent, runs the deploy command and then settles the outcome, so that a
 * restart never deploys twice.
 * @example
 * const grant = await journal.intend(wanted, limits);
 * if (grant.kind === "granted") {
 *   await target.deploy(service, order, signal);
 *   await journal.settle(grant.deployment.id, grant.deployment.fencingToken, "live", "healthy");
 * }
 */
export interface DeployJournal {
  /** Records the intent to deploy. `limits` apply only to new deployments with `auto`, not to an existing key. */
  intend(
    wanted: Omit<Deployment, "id" | "state" | "intendedAt" | "settledAt" | "fencingToken" | "reason" | "canary">,
    limits?: DeployLimits,
  ): Promise<DeployGrant>;
  /**
   * Records the outcome. Throws SelfhealError `deploymentNotFound`; `fenced` when the token is not the newest of the
   * deployment; `deploymentSettled` when its state cannot change to this one; `deployBusy` for `unknown` while another
   * deployment of the service is in flight.
   */
  settle(
    id: string,
    fencingToken: number,
    state: "live" | "failed" | "rolledBack" | "unknown" | "abandoned",
    reason: string,
  ): Promise<Deployment>;
  /**
   * Records the progress of the canary of a deployment in flight; undefined: it has no canary. Throws SelfhealError
   * `deploymentNotFound`, `fenced` like `settle`, or `deploymentSettled` when the deployment is not in flight.
   */
  noteCanary(id: string, fencingToken: number, canary: CanaryProgress | undefined): Promise<Deployment>;
  get(id: string): Promise<Deployment | null>;
  /** The newest deployment of the service with state `live`; null: none. */
  live(service: string): Promise<Deployment | null>;
  /** The deployment of the service that is intended or unknown; null: none. */
  inFlight(service: string): Promise<Deployment | null>;
  /** Number of automatic deployments intended since then, except abandoned ones. Failed ones count too. */
  autoDeploysSince(sinceMs: number): Promise<number>;
  /** Number of deployments that failed or were rolled back since then, over all services. */
  rollbacksSince(sinceMs: number): Promise<number>;
  /** Deployments of the service that were settled since then as live, failed or rolled back, newest first. */
  deployedSince(service: string, sinceMs: number): Promise<Deployment[]>;
}
