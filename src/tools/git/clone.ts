import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { type Git, GitError } from "./hostGit.ts";
import { removeTree } from "./safeFiles.ts";
import { removeStaleLocks } from "./staleLocks.ts";

/** The private bare clone of one repository. selfheal runs all its git work in the clone. */
export interface Clone {
  readonly gitDir: string;
  /** Runs git in the clone, without a working tree. */
  readonly git: Git;
  /** Fetches branches and tags. Branches deleted in the repository are pruned. Throws SelfhealError `repository`. */
  fetch(): Promise<void>;
  /** The commit of a branch, of HEAD, or of a full commit id, after a fetch. Throws SelfhealError `repository`. */
  head(branch: string): Promise<string>;
  /** The full id of a commit; null if it is not in the clone. */
  resolve(commit: string): Promise<string | null>;
  /**
   * Creates `branch` at `commit` in the original repository, and does nothing if it is there already. Throws
   * SelfhealError `conflict` if the branch exists at another commit or cannot be created. Throws `repository` if the
   * branch name is invalid, or if the objects cannot be copied.
   */
  publish(ref: string, commit: string, branch: string): Promise<void>;
}

interface CloneOptions {
  /** Folder of all clones. */
  dir: string;
  repo: string;
  /** Host git for a git folder. */
  at(gitDir: string): Git;
  /** Clones already cleaned of the leftovers of killed git processes. */
  tidy: Set<string>;
}

const HEAD_REF = "refs/selfheal/head";
const BRANCHES = "refs/remotes/service/";
const FETCH = ["fetch", "--quiet", "--update-shallow", "--no-write-fetch-head", "--no-recurse-submodules"];

/**
 * Opens the clone, and creates it if it does not exist. Objects are transferred by git and copied. A hard link into the
 * original's object store would allow damage to the original.
 */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { repo } = options;
  const gitDir = join(options.dir, cloneName(repo));
  const git = options.at(gitDir);
  if (!existsSync(join(gitDir, "HEAD"))) await make(options, gitDir);
  if (!options.tidy.has(gitDir)) await tidyUp(gitDir);
  options.tidy.add(gitDir);
  const clone: Clone = {
    gitDir,
    git,
    async fetch() {
      await faultAs(repo, () =>
        git([...FETCH, "--prune", "--", repo, `+refs/heads/*:${BRANCHES}*`, "+refs/tags/*:refs/tags/*"]),
      );
    },
    async head(branch) {
      await clone.fetch();
      const onBranch = await clone.resolve(`${BRANCHES}${branch}`);
      if (onBranch !== null && branch !== "HEAD") return onBranch;
      if (branch === "HEAD" || /^[0-9a-f]{40,64}$/.test(branch)) {
        await faultAs(repo, () => git([...FETCH, "--", repo, `+HEAD:${HEAD_REF}`]));
        const commit = await clone.resolve(branch === "HEAD" ? HEAD_REF : branch);
        if (commit !== null) return commit;
      }
      throw new SelfhealError("repository", `${repo} has no branch "${branch}"; it has: ${await branches(git)}`);
    },
    async resolve(commit) {
      try {
        return (await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`])).trim();
      } catch (error) {
        if (error instanceof GitError) return null;
        throw error;
      }
    },
    publish: (ref, commit, branch) => publish(options, gitDir, { ref, commit, branch }),
  };
  return clone;
}

/** The folder name of a repository's clone. */
export function cloneName(repo: string): string {
  return `${basename(repo)}-${createHash("sha256").update(repo).digest("hex").slice(0, 12)}.git`;
}

/**
 * Creates the clone atomically by a rename. A git killed in the middle would leave half a repository that looks
 * complete.
 */
async function make({ at }: CloneOptions, gitDir: string): Promise<void> {
  const half = `${gitDir}.new`;
  for (const left of [half, gitDir]) await removeTree(left);
  await mkdir(half, { recursive: true });
  await at(half)(["init", "--quiet", "--bare"]);
  await rename(half, gitDir);
}

/** Removes stale locks and incomplete worktrees. One incomplete worktree would break every fetch. */
async function tidyUp(gitDir: string): Promise<void> {
  await removeStaleLocks(gitDir);
  const worktrees = join(gitDir, "worktrees");
  for (const name of await readdir(worktrees).catch(() => []))
    if (!isWhole(join(worktrees, name))) await removeTree(join(worktrees, name));
}

/** Whether a worktree is complete. git marks a worktree as locked while it creates it. */
function isWhole(adminDir: string): boolean {
  const has = (name: string) => existsSync(join(adminDir, name));
  return has("HEAD") && has("commondir") && !has("locked");
}

async function branches(git: Git): Promise<string> {
  const list = await git(["for-each-ref", "--format=%(refname:lstrip=3)", BRANCHES]);
  const names = list.split("\n").filter((name) => name !== "");
  return names.length === 0 ? "no commits" : names.slice(0, 20).join(", ");
}

/**
 * Writes only the objects and one new ref into the original. It does not push, so none of the original's hooks runs.
 */
async function publish(
  options: CloneOptions,
  gitDir: string,
  what: { ref: string; commit: string; branch: string },
): Promise<void> {
  const { repo } = options;
  const git = options.at(await gitDirOf(repo));
  const target = `refs/heads/${what.branch}`;
  await faultAs(repo, () => git(["check-ref-format", target]));
  await faultAs(repo, () => git([...FETCH, "--no-tags", "--", gitDir, what.ref]));
  try {
    await git(["update-ref", target, what.commit, "0".repeat(what.commit.length)]);
  } catch (cause) {
    const there = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", target]).catch(() => "");
    if (there.trim() === what.commit) return;
    const why = there === "" ? messageOf(cause) : `it is at ${there.trim()}`;
    throw new SelfhealError("conflict", `branch ${what.branch} cannot be created in ${repo}: ${why}`, { cause });
  }
}

/** The git folder of a repository or of a linked working tree. */
async function gitDirOf(repo: string): Promise<string> {
  const dotGit = join(repo, ".git");
  if (!existsSync(dotGit)) return repo;
  if ((await stat(dotGit)).isDirectory()) return dotGit;
  const link = /^gitdir: (.+)$/m.exec(await readFile(dotGit, "utf8"))?.[1];
  if (link === undefined) throw new SelfhealError("repository", `${dotGit} names no git folder`);
  return link.startsWith("/") ? link : join(repo, link);
}

async function faultAs(repo: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    throw new SelfhealError("repository", `repository ${repo}: ${messageOf(cause)}`, { cause });
  }
}
