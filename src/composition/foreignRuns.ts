import type { CapturedEvent } from "../domain/event.ts";
import type { SandboxGrade } from "../domain/evidence.ts";
import { unrunEvidence } from "../tools/tests/unrunEvidence.ts";
import type { NodeParts } from "./nodes.ts";

type Runs = Pick<NodeParts, "gatherer" | "checkFor" | "reproducer">;

/** Whether code may be run for an Event: for one of a public key only in a sandbox that holds, or by choice. */
export type MayRunFor = (event: Pick<CapturedEvent, "trustTier">) => boolean;

/** The rule for a machine's sandbox. `t0InWeakSandbox`: the configuration allows it in any sandbox. */
export function mayRunFor(sandbox: SandboxGrade, t0InWeakSandbox: boolean): MayRunFor {
  return ({ trustTier }) => trustTier !== "T0" || sandbox === "bubblewrap" || t0InWeakSandbox;
}

const WHY = "not run: the event has a public key, and the sandbox here is not strong enough for that (t0InWeakSandbox)";

/** The same tools, which run nothing for an Event that nothing may be run for. They say so, and never fail for it. */
export function withForeignRuns(runs: Runs, sandbox: SandboxGrade, mayRun: MayRunFor): Runs {
  const { gatherer, checkFor, reproducer } = runs;
  return {
    gatherer: {
      gather: (input) => (mayRun(input.event) ? gatherer.gather(input) : unrunEvidence(input, sandbox)),
    },
    checkFor: (workspace, event, signal, own) =>
      mayRun(event)
        ? checkFor(workspace, event, signal, own)
        : async () => ({ reproductionPassed: null, suitePassed: null, summary: WHY }),
    reproducer: {
      find: async (input) => (mayRun(input.event) ? reproducer.find(input) : { kind: "none", notes: [WHY], tokens: 0 }),
      pin: async (input) => (mayRun(input.event) ? reproducer.pin(input) : input.test),
    },
  };
}
