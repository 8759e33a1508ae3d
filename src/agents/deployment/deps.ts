import type { Rails } from "../../autonomy/circuitBreaker.ts";
import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { CanaryTarget, DeployTarget } from "../../domain/ports/deployTarget.ts";
import type { Ticket } from "../../domain/ticket.ts";
import type { AskDeps } from "../../tickets/askPerson.ts";
import type { Turns } from "../deployer/deployTurns.ts";
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
  rails: Rails;
};

/** What looks at a canary beside the runs. */
export type GuardDeps = ReleaseDeps & Pick<AgentDeps, "issues">;

export type DeployerDeps = ReleaseDeps &
  AskDeps &
  Pick<AgentDeps, "blobs" | "policyOf" | "issues"> & {
    /** The message of a fix's commit. The same ticket must give the same text: a restart looks for the same commit. */
    receipt: (ticket: Ticket) => string | Promise<string>;
    turns: Turns;
    /** The kill switch. */
    paused: () => Promise<boolean>;
  };

/** Milliseconds until a deployment that had to wait is tried again. */
export const TRY_AGAIN_MS = 1000;
