import type { CanaryProgress } from "../canary.ts";
import type { Deployment } from "../deployment.ts";

export type DeployGrant =
  /** Go ahead: this call holds the service's only deploy slot. */
  | { kind: "granted"; deployment: Deployment }
  /** The same key was settled before; its outcome stands. */
  | { kind: "settled"; deployment: Deployment }
  /** The same key was intended before and never settled: ask the target what is live. */
  | { kind: "unfinished"; deployment: Deployment }
  /** Another ticket's deployment of the service is in flight. */
  | { kind: "busy"; by: string }
  /** One more deployment without a person would be over this limit. */
  | { kind: "limited"; limit: "rateHour" | "rateDay" | "breakerClosed" };

/** Limits of deployments without a person, over all services; counted in the same step that grants. */
export interface DeployLimits {
  maxPerHour: number;
  maxPerDay: number;
  /** Open: nothing is deployed without a person once this many were taken back since `rollbacksSinceMs`. */
  maxRollbacks: number;
  rollbacksSinceMs: number;
}

/** INTENT → effect → CONFIRM, so that a restart never deploys twice. */
export interface DeployJournal {
  /** `limits` bind what is new and `auto`, and nothing else. */
  intend(
    wanted: Omit<Deployment, "id" | "state" | "intendedAt" | "settledAt" | "fencingToken" | "reason" | "canary">,
    limits?: DeployLimits,
  ): Promise<DeployGrant>;
  /** Refused (SelfhealError `fenced`) when the token is not the newest of its deployment. */
  settle(
    id: string,
    fencingToken: number,
    state: "live" | "failed" | "rolledBack" | "unknown" | "abandoned",
    reason: string,
  ): Promise<Deployment>;
  /** Where the canary of a deployment in flight stands; undefined: there is none. Refused like `settle`. */
  noteCanary(id: string, fencingToken: number, canary: CanaryProgress | undefined): Promise<Deployment>;
  get(id: string): Promise<Deployment | null>;
  /** The newest deployment of the service that is live. */
  live(service: string): Promise<Deployment | null>;
  inFlight(service: string): Promise<Deployment | null>;
  autoDeploysSince(sinceMs: number): Promise<number>;
  rollbacksSince(sinceMs: number): Promise<number>;
  /** What was put live since, newest first; whatever became of it. */
  deployedSince(service: string, sinceMs: number): Promise<Deployment[]>;
}
