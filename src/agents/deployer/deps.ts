import type { Ticket } from "../../domain/ticket.ts";
import type { AskPersonDeps } from "../../tickets/askPerson.ts";
import type { DeploymentDeps } from "../deployment/deps.ts";
import type { AgentDeps } from "../deps.ts";
import type { DeployTurns } from "./deployTurns.ts";

/** Dependencies of the deployer. */
export type DeployerDeps = DeploymentDeps &
  AskPersonDeps &
  Pick<AgentDeps, "blobs" | "policyOf" | "issues"> & {
    /** The commit message of a Patch. The same ticket must give the same text: a restart looks for the same commit. */
    commitMessage: (ticket: Ticket) => string | Promise<string>;
    turns: DeployTurns;
    /** Whether the kill switch is on. */
    paused: () => Promise<boolean>;
  };
