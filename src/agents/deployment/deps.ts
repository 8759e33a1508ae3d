import type { CircuitBreaker } from "../../autonomy/circuitBreaker.ts";
import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { CanaryTarget, DeployTarget } from "../../domain/ports/deployTarget.ts";
import type { AgentDeps } from "../deps.ts";

/** What touches production, for the deployer and the verifier. */
export type ReleaseDeps = Pick<
  AgentDeps,
  "tickets" | "wakeUps" | "workspaces" | "audit" | "clock" | "services" | "log" | "recordOutcome"
> & {
  journal: DeployJournal;
  target: DeployTarget;
  /** Absent: no service has a canary. */
  canaries?: CanaryTarget | undefined;
  breaker: CircuitBreaker;
};

/** What looks at a canary beside the runs. */
export type GuardDeps = ReleaseDeps & Pick<AgentDeps, "issues">;

/** Milliseconds until a deployment that had to wait is tried again. */
export const TRY_AGAIN_MS = 1000;
