import type { CapturedEvent } from "../../domain/event.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";

/** Runs the available checks on the base and on the Patch, and reports what was observed. */
export interface EvidenceGatherer {
  gather(input: {
    workspace: Workspace;
    event: CapturedEvent;
    diff: string;
    patchDigest: string;
    /** The ticket's own reproduction; null: the service's command, if it has one. */
    own: RegressionTest | null;
    signal: AbortSignal;
  }): Promise<Evidence>;
}
