import type { BranchInfo, CommitInfo, LineChange } from "../domain/ports.ts";
import type { Git } from "./git.ts";
import { logOf } from "./history.ts";
import { requirePlain } from "./treeFiles.ts";

const REMOTE = "refs/remotes/service/";
const FORMAT = "--format=%(refname:lstrip=3)%1f%(objectname)%1f%(authorname)%1f%(committerdate:unix)%1f%(subject)";
const DIFF = ["diff", "--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
const WHOLE = ["diff", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm;

/** The branches of the service's repository, as of the last fetch. */
export async function branchesOf(git: Git): Promise<BranchInfo[]> {
  const text = await git(["for-each-ref", FORMAT, REMOTE]);
  return text.split("\n").flatMap((line) => {
    const [name = "", commit = "", author = "", at = "0", ...subject] = line.split("\u001f");
    return name === "" ? [] : [{ name, commit, author, at: Number(at) * 1000, subject: subject.join(" ") }];
  });
}

/** Which lines of `from` (or of where `to` forked from it) are others in `to`. */
export async function lineChangesOf(
  git: Git,
  { from, to, paths, sinceFork }: { from: string; to: string; paths: readonly string[]; sinceFork: boolean },
): Promise<LineChange[]> {
  for (const path of paths) requirePlain(path);
  const changes: LineChange[] = [];
  for (const path of paths) {
    const text = await git([...DIFF, `${from}${sinceFork ? "..." : ".."}${to}`, "--", `:(literal)${path}`]);
    for (const [, start, count, newStart, newCount] of text.matchAll(HUNK))
      changes.push({
        path,
        start: Number(start),
        count: Number(count ?? 1),
        newStart: Number(newStart),
        newCount: Number(newCount ?? 1),
      });
  }
  return changes;
}

/** Commits after `from` up to `to` that change one of the paths, newest first. */
export function commitsOnOf(
  git: Git,
  { from, to, paths }: { from: string; to: string; paths: readonly string[] },
): Promise<CommitInfo[]> {
  return logOf(git, `${from}..${to}`, { paths, noMerges: true });
}

/** What a commit changes in the paths, against its first parent. */
export async function changeOfCommit(git: Git, commit: string, paths: readonly string[]): Promise<string> {
  for (const path of paths) requirePlain(path);
  const only = paths.map((path) => `:(literal)${path}`);
  return git([...WHOLE, `${commit}^1`, commit, "--", ...only]);
}
