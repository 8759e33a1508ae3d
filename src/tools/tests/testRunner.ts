import type { Evidence } from "../../domain/evidence.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Sandbox } from "../../domain/ports/sandbox.ts";
import { createEvidenceGatherer, type GatherInput } from "./gatherEvidence.ts";
import { createServiceCommands, type ServiceCommands } from "./serviceCommands.ts";

/** Runs a service's commands in the sandbox, and gathers Evidence about patches from them. */
export interface TestRunner extends ServiceCommands {
  /**
   * Gathers the Evidence about a Patch. Leaves the workspace with the patch applied (without its changes to files that
   * judge it), or at the base if it does not apply.
   */
  gather(input: GatherInput): Promise<Evidence>;
}

/** Creates the test runner on a sandbox. Whole outputs are stored in `blobs`. */
export function createTestRunner(deps: { sandbox: Sandbox; blobs: BlobStore }): TestRunner {
  const runs = createServiceCommands(deps);
  return { ...runs, gather: createEvidenceGatherer(runs, deps.sandbox.grade) };
}
