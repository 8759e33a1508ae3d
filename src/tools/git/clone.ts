import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { type Git, GitError } from "./hostGit.ts";
import { removeStaleLocks } from "./staleLocks.ts";
import { removeTree } from "./treeFiles.ts";

/** The private bare clone of one repository: everything selfheal does with git happens there. */
export interface Clone {
  readonly gitDir: string;
  /** Runs git in the clone, on no tree. */
  readonly git: Git;
  /** Brings branches, tags and HEAD up to date. */
  fetch(): Promise<void>;
  /** The commit of a branch, of HEAD, or of a full commit id. Throws SelfhealError `repository`. */
  head(branch: string): Promise<string>;
  /** The full id of a commit, or null when the clone does not know it. */
  resolve(commit: string): Promise<string | null>;
  /** Creates `branch` in the original repository. Throws SelfhealError `conflict`. */
  publish(ref: string, commit: string, branch: string): Promise<void>;
}

interface CloneOptions {
  /** Folder that holds the clones. */
  dir: string;
  repo: string;
  at(gitDir: string): Git;
  /** Clones in which nothing is left of a git that was killed. */
  tidy: Set<string>;
}

const HEAD_REF = "refs/selfheal/head";
const BRANCHES = "refs/remotes/service/";
const FETCH = ["fetch", "--quiet", "--update-shallow", "--no-write-fetch-head", "--no-recurse-submodules"];

/**
 * Opens the clone, and makes it when it is not there. Objects come over git's own transport and are copied: a hard link
 * into the original's object store could be damaged from here.
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

/** The folder of a repository's clone. */
export function cloneName(repo: string): string {
  return `${basename(repo)}-${createHash("sha256").update(repo).digest("hex").slice(0, 12)}.git`;
}

/** Whole or not at all: a git that is killed in the middle leaves half a repository, which looks like one. */
async function make({ at }: CloneOptions, gitDir: string): Promise<void> {
  const half = `${gitDir}.new`;
  for (const left of [half, gitDir]) await removeTree(left);
  await mkdir(half, { recursive: true });
  await at(half)(["init", "--quiet", "--bare"]);
  await rename(half, gitDir);
}

/** Takes away locks, and worktrees that are half made: one of them breaks every fetch. */
async function tidyUp(gitDir: string): Promise<void> {
  await removeStaleLocks(gitDir);
  const worktrees = join(gitDir, "worktrees");
  for (const name of await readdir(worktrees).catch(() => []))
    if (!isWhole(join(worktrees, name))) await removeTree(join(worktrees, name));
}

/** git marks a worktree as locked while it makes it. */
function isWhole(adminDir: string): boolean {
  const has = (name: string) => existsSync(join(adminDir, name));
  return has("HEAD") && has("commondir") && !has("locked");
}

async function branches(git: Git): Promise<string> {
  const list = await git(["for-each-ref", "--format=%(refname:lstrip=3)", BRANCHES]);
  const names = list.split("\n").filter((name) => name !== "");
  return names.length === 0 ? "no commits" : names.slice(0, 20).join(", ");
}

/** The original's objects and one new ref are all that is written: no push, so that none of its hooks runs. */
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
