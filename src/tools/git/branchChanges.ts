import type { BranchInfo, LineChange } from "../../domain/ports/changeHistory.ts";
import type { CommitInfo } from "../../domain/ports/workspace.ts";
import { type Git, GitError } from "./hostGit.ts";
import { logOf } from "./logAndBlame.ts";
import { requirePlain } from "./safeFiles.ts";

const REMOTE = "refs/remotes/service/";
const FORMAT = "--format=%(refname:lstrip=3)%1f%(objectname)%1f%(authorname)%1f%(committerdate:unix)%1f%(subject)";
const DIFF = ["diff", "--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
const WHOLE = ["diff", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm;

/** The branches of the service's repository as of the last fetch. */
export async function branchesOf(git: Git): Promise<BranchInfo[]> {
  return infosOf(await git(["for-each-ref", FORMAT, REMOTE]));
}

function infosOf(text: string): BranchInfo[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", commit = "", author = "", at = "0", ...subject] = line.split("\u001f");
    return name === "" ? [] : [{ name, commit, author, at: Number(at) * 1000, subject: subject.join(" ") }];
  });
}

/** How many pull requests are read: the ones with the highest numbers. */
const MAX_PULLS = 50;
const PULLS = "refs/selfheal/pulls/";
/** First: GitHub, Gitea and Forgejo. Second: GitLab. */
const PULL_REFS = ["refs/pull/*/head", "refs/merge-requests/*/head"];
const PULL_REF = /^([0-9a-f]{40,64})\trefs\/(?:pull|merge-requests)\/(\d{1,12})\/head$/gm;

/**
 * The newest pull or merge requests, named `pull/<number>`, from the refs that a forge keeps for their heads. Empty if
 * the repository has no such refs or cannot be reached. The refs do not say whether a request is open. A merged one has
 * no commits that the base lacks.
 */
export async function pullRequestsOf(git: Git, from: string): Promise<BranchInfo[]> {
  let listed: string;
  try {
    listed = await git(["ls-remote", "--quiet", "--", from, ...PULL_REFS]);
  } catch (error) {
    // A forge that is down, or requires a key that selfheal lacks, must not block a repair.
    if (error instanceof GitError) return [];
    throw error;
  }
  const newest = [...listed.matchAll(PULL_REF)]
    .map(([line, , number = ""]) => ({ ref: line.split("\t")[1] ?? "", number: Number(number) }))
    .sort((a, b) => b.number - a.number)
    .slice(0, MAX_PULLS);
  if (newest.length === 0) return [];
  const wanted = newest.map(({ ref, number }) => `+${ref}:${PULLS}${number}`);
  await git([
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--",
    from,
    ...wanted,
  ]);
  const numbers = new Set(newest.map(({ number }) => String(number)));
  const all = infosOf(await git(["for-each-ref", FORMAT, PULLS]));
  return all.filter(({ name }) => numbers.has(name)).map((info) => ({ ...info, name: `pull/${info.name}` }));
}

/** Which lines of `from` (with `sinceFork`: of the commit where `to` forked from it) differ in `to`. */
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

/** The diff of a commit against its first parent, limited to the paths. */
export async function changeOfCommit(git: Git, commit: string, paths: readonly string[]): Promise<string> {
  for (const path of paths) requirePlain(path);
  const only = paths.map((path) => `:(literal)${path}`);
  return git([...WHOLE, `${commit}^1`, commit, "--", ...only]);
}
