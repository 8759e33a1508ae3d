import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { WorkspaceLeftovers } from "../../domain/ports/workspaceLeftovers.ts";
import { sideFoldersOf, workDir } from "./folderLayout.ts";
import type { Git } from "./hostGit.ts";
import { removeTree } from "./safeFiles.ts";
import { TICKET_REFS } from "./worktree.ts";

/** Access to the data folder and its clones. */
export interface LeftoversOptions {
  dataDir: string;
  gitAt(gitDir: string): Promise<Git>;
  /** Runs the function while no other work is done on the clone of that name. */
  serialized<T>(clone: string, run: () => Promise<T>): Promise<T>;
}

/** Limits above which git packs: loose objects (git's own `gc.auto` is 6,700) and packs (`gc.autoPackLimit` is 50). */
const LOOSE = 6_700;
const PACKS = 50;
/** Refs deleted by one git command. */
const SLICE = 500;

/** Finds leftovers in the folders themselves, because a Ticket or service may no longer exist in the store. */
export function createLeftovers({ dataDir, gitAt, serialized }: LeftoversOptions): WorkspaceLeftovers {
  const clones = async () => (await namesIn(join(dataDir, "repos"))).filter((name) => name.endsWith(".git"));
  const refsOf = async (git: Git) =>
    (await git(["for-each-ref", "--format=%(refname)", TICKET_REFS])).split("\n").filter((ref) => ref !== "");
  return {
    async trees() {
      const lists = await Promise.all(["work", "deps", "setup"].map((name) => namesIn(join(dataDir, name))));
      return [...new Set(lists.flat())];
    },
    async removeTree(ticketId) {
      const dir = workDir(dataDir, ticketId);
      const { deps, setup } = sideFoldersOf(dir, ticketId);
      // The tree is removed last: while it exists, a later run finds what a crash left.
      for (const path of [deps, setup]) await removeTree(path);
      for (const clone of await clones()) {
        await serialized(clone, () => removeTree(join(dataDir, "repos", clone, "worktrees", ticketId)));
      }
      await removeTree(dir);
    },
    async commits() {
      const found = new Set<string>();
      for (const clone of await clones()) {
        const git = await gitAt(join(dataDir, "repos", clone));
        for (const ref of await refsOf(git)) found.add(ref.slice(TICKET_REFS.length));
      }
      return [...found];
    },
    async forgetCommits(ticketIds) {
      for (const clone of await clones()) {
        const git = await gitAt(join(dataDir, "repos", clone));
        const gone = (await refsOf(git)).filter((ref) => ticketIds.has(ref.slice(TICKET_REFS.length)));
        for (let at = 0; at < gone.length; at += SLICE) {
          const input = gone.slice(at, at + SLICE).map((ref) => `delete ${ref}\n`);
          await serialized(clone, () => git(["update-ref", "--stdin"], { input: input.join("") }));
        }
        // Outside of inTurn: git allows concurrent work during gc, and keeps recent objects.
        if (await isMuch(git)) await git(["gc", "--quiet"]);
      }
    },
  };
}

async function isMuch(git: Git): Promise<boolean> {
  const counted = await git(["count-objects", "-v"]);
  const countOf = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(counted)?.[1] ?? 0);
  return countOf("count") > LOOSE || countOf("packs") > PACKS;
}

async function namesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
