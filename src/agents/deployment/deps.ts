import type { CircuitBreaker } from "../../autonomy/circuitBreaker.ts";
import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { CanaryTarget, DeployTarget } from "../../domain/ports/deployTarget.ts";
import type { AgentDeps } from "../deps.ts";

/** Dependencies of everything that changes production: deployer and verifier. */
export type DeploymentDeps = Pick<
  AgentDeps,
  "tickets" | "wakeUps" | "workspaces" | "audit" | "clock" | "services" | "log" | "recordOutcome"
> & {
  journal: DeployJournal;
  target: DeployTarget;
  /** Absent: no service has a canary. */
  canaries?: CanaryTarget | undefined;
  breaker: CircuitBreaker;
};

/** Dependencies of the look at a canary, which also happens outside of a run. */
export type CanaryWatchDeps = DeploymentDeps & Pick<AgentDeps, "issues">;

/** Milliseconds until a postponed deployment is tried again. */
export const TRY_AGAIN_MS = 1000;
