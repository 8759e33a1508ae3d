import type { CapturedEvent } from "../../domain/event.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";

/** Runs what there is to run, on the base and on the patch, and reports what was seen. */
export interface EvidenceGatherer {
  gather(input: {
    workspace: Workspace;
    event: CapturedEvent;
    diff: string;
    patchDigest: string;
    /** The ticket's own reproduction; null: the service's command, if there is one. */
    own: RegressionTest | null;
    signal: AbortSignal;
  }): Promise<Evidence>;
}
