import type { CommitInfo } from "../../domain/ports/workspace.ts";
import { type Git, GitError } from "./hostGit.ts";
import { requirePlain } from "./safeFiles.ts";

const FORMAT = "--format=%H%x1f%an%x1f%at%x1f%s";

/**
 * Commits up to `commit` (or in a range), newest first, at most `limit` (default 100). `sinceMs` is in milliseconds
 * since the epoch.
 */
export async function logOf(
  git: Git,
  commit: string,
  options: { paths?: readonly string[]; sinceMs?: number; limit?: number; noMerges?: boolean },
): Promise<CommitInfo[]> {
  const { paths = [], sinceMs, limit = 100, noMerges = false } = options;
  for (const path of paths) requirePlain(path);
  const since = sinceMs === undefined ? [] : [`--since=@${Math.ceil(sinceMs / 1000)}`];
  const args = [
    "log",
    FORMAT,
    "-z",
    `--max-count=${limit}`,
    ...since,
    ...(noMerges ? ["--no-merges"] : []),
    commit,
    "--",
  ];
  const text = await git([...args, ...paths.map((path) => `:(literal)${path}`)]);
  return text.split("\0").flatMap((line) => {
    const [id = "", author = "", at = "0", ...subject] = line.trim().split("\u001f");
    return id === "" ? [] : [{ commit: id, author, at: Number(at) * 1000, subject: subject.join(" ") }];
  });
}

/** The commit that last changed a line (from 1) of a file, as of `commit`; null if the line or file does not exist. */
export async function blameOf(git: Git, commit: string, path: string, line: number): Promise<CommitInfo | null> {
  requirePlain(path);
  let text: string;
  try {
    text = await git(["blame", "--porcelain", "-L", `${line},${line}`, commit, "--", path]);
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
  const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1];
  const id = /^([0-9a-f]{40,64}) /.exec(text)?.[1];
  if (id === undefined) return null;
  return {
    commit: id,
    author: field("author") ?? "",
    at: Number(field("author-time") ?? 0) * 1000,
    subject: field("summary") ?? "",
  };
}

/** Whether `commit` contains `ancestor`. A commit contains itself. Both must be in the clone. */
export async function isAncestor(git: Git, ancestor: string, commit: string): Promise<boolean> {
  try {
    await git(["merge-base", "--is-ancestor", ancestor, commit]);
    return true;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return false;
    throw error;
  }
}
