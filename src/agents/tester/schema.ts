import type { CapturedEvent } from "../../domain/event.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports.ts";

/** Runs what there is to run, on the base and on the patch, and reports what was seen. */
export interface EvidenceGatherer {
  gather(input: {
    workspace: Workspace;
    event: CapturedEvent;
    diff: string;
    patchDigest: string;
    signal: AbortSignal;
  }): Promise<Evidence>;
}
