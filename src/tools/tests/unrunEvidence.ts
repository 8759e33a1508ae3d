import type { Evidence, SandboxGrade } from "../../domain/evidence.ts";
import { type GatherInput, NOTHING } from "./gatherEvidence.ts";
import { NOT_CHECKED, type Shortfall } from "./grade.ts";
import { applyJudgedPart } from "./judge/judgedPart.ts";
import { judgeFilesOf } from "./judge/judgeFiles.ts";

/**
 * The Evidence about a Patch for which no code may be run: only whether it applies, and which files that judge it
 * touches. It is no infrastructure failure: nothing is tried again.
 */
export async function unrunEvidence(
  { workspace, event, diff, patchDigest, own }: GatherInput,
  sandbox: SandboxGrade,
): Promise<Evidence> {
  await workspace.reset();
  const { applied, left } = await applyJudgedPart(workspace, diff, await judgeFilesOf(workspace, event), own);
  const existing = new Set(await workspace.files());
  const applies = applied.kind === "applied";
  const judgeTouched = left.some((path) => existing.has(path));
  const shortfalls: Shortfall[] = [
    ...(applies ? [] : ["doesNotApply" as const]),
    "notRunForT0",
    ...(judgeTouched ? ["judgeTouched" as const] : []),
  ];
  return {
    patchDigest,
    baseCommit: workspace.baseCommit,
    grade: applies ? "E0" : "none",
    ...NOTHING,
    sandbox,
    touchesExistingTests: judgeTouched,
    judgeTouched: left,
    infrastructure: null,
    shortfalls,
    notChecked: Object.keys(NOT_CHECKED),
  };
}
