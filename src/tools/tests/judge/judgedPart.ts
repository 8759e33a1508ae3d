import { describeDiff } from "../../../domain/patch.ts";
import type { ApplyResult, Workspace } from "../../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../../domain/reproduction.ts";
import { readPlain, writePlain } from "../../git/safeFiles.ts";
import type { JudgeFiles } from "./judgeFiles.ts";

/** A diff as it was applied to be judged. */
export interface JudgedPatch {
  applied: ApplyResult;
  /** The paths of the diff that judge it. They were left as they are at the base. */
  left: string[];
}

/**
 * Applies the part of a diff that changes no file that judges it: those files come from the base, whatever the diff says
 * about them. selfheal's own regression test is applied as long as it is the one that was kept. The workspace must be at
 * the base.
 */
export async function applyJudgedPart(
  workspace: Workspace,
  diff: string,
  judges: JudgeFiles,
  own: RegressionTest | null | undefined,
): Promise<JudgedPatch> {
  const applied = await workspace.apply(diff);
  if (applied.kind === "conflict") return { applied, left: [] };
  // git's own form of the diff: its paths cannot be hidden by quotes or by headers that contradict each other.
  const canonical = await workspace.diff();
  const isOwn = async (path: string) =>
    path === own?.path && (await workspace.read(path).catch(() => null)) === own.content;
  const left: string[] = [];
  for (const path of describeDiff(canonical).files) if (judges.has(path) && !(await isOwn(path))) left.push(path);
  if (left.length === 0) return { applied, left };
  await workspace.reset();
  const part = withoutFiles(canonical, (path) => left.includes(path));
  return { applied: await workspace.apply(part), left };
}

/** A diff without the entries that name one of these files, as it was or as it becomes. */
export function withoutFiles(diff: string, drop: (path: string) => boolean): string {
  const entries = diff.split(/^(?=diff --git )/m);
  return entries.filter((entry) => !describeDiff(entry).files.some(drop)).join("");
}

/**
 * Restores the files that judge, if a command that ran before changed or removed one. A file that is no text is not
 * restored.
 */
export async function restoreJudges(workspace: Workspace, judges: JudgeFiles): Promise<void> {
  for (const path of (await workspace.files()).filter((file) => judges.has(file))) {
    const text = await workspace.read(path).catch(() => null);
    if (text === null) continue;
    const content = Buffer.from(text, "utf8");
    const bytes = await readPlain(workspace.dir, path).catch(() => null);
    if (bytes === null || !bytes.equals(content)) await writePlain(workspace.dir, path, content, false);
  }
}
