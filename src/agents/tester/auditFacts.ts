import type { Facts } from "../../domain/audit.ts";
import { describeEnd, type Evidence, type Observation } from "../../domain/evidence.ts";

/** The parts of Evidence that the gate weighs, as facts of an audit entry: no output, only how each command ended. */
export function evidenceFacts(evidence: Evidence): Facts {
  return {
    grade: evidence.grade,
    ...(evidence.trustTier && { trustTier: evidence.trustTier }),
    base: evidence.baseCommit,
    sandbox: evidence.sandbox,
    suiteBase: endOf(evidence.suiteBase),
    suitePatch: endOf(evidence.suitePatch),
    reproductionBase: endOf(evidence.reproductionBase),
    reproductionPatch: endOf(evidence.reproductionPatch),
    buildPatch: endOf(evidence.buildPatch),
    touchesExistingTests: evidence.touchesExistingTests,
    ...(evidence.judgeTouched && { judgeTouched: evidence.judgeTouched }),
    ...(evidence.reproduction && {
      "reproduction.kind": evidence.reproduction.kind,
      "reproduction.origin": evidence.reproduction.origin,
    }),
    ...(evidence.suiteTests && {
      testsBroken: evidence.suiteTests.broken.length,
      testsMissing: evidence.suiteTests.missing.length,
    }),
    ...(evidence.typeCheck && { "typeCheck.newFaults": evidence.typeCheck.newFaults }),
    ...(evidence.lint && { "lint.newFaults": evidence.lint.newFaults }),
    ...(evidence.changedLinesCovered && {
      "changedLinesCovered.covered": evidence.changedLinesCovered.covered,
      "changedLinesCovered.total": evidence.changedLinesCovered.total,
    }),
    infrastructure: evidence.infrastructure?.slice(0, 200) ?? null,
    shortfalls: evidence.shortfalls,
  };
}

function endOf(seen: Observation | null): string | null {
  return seen === null ? null : describeEnd(seen.end).slice(0, 200);
}
