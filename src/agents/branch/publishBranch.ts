import { SelfhealError } from "../../domain/errors.ts";
import type { Workspace, Workspaces } from "../../domain/ports/workspace.ts";

/** Prefix of the names of selfheal's own branches. */
export const BRANCH_PREFIX = "auto-fix/ticket-";

/**
 * Publishes a Patch's commit as `auto-fix/ticket-<id>` and returns the branch. Branches are never moved: another Patch
 * of the same ticket gets a branch with its digest in the name, and the same Patch on another base one with its commit
 * too. Does nothing if the commit is on the branch already. Throws SelfhealError `conflict` if even the last branch has
 * another commit.
 */
export async function publishBranch(
  workspaces: Workspaces,
  workspace: Workspace,
  { commit, patchDigest }: { commit: string; patchDigest: string },
): Promise<string> {
  const first = `${BRANCH_PREFIX}${workspace.ticketId}`;
  const ofPatch = `${first}-${patchDigest.slice(0, 8)}`;
  for (const branch of [first, ofPatch]) {
    try {
      await workspaces.publish(workspace, commit, branch);
      return branch;
    } catch (error) {
      if (!SelfhealError.isInstance(error) || error.code !== "conflict") throw error;
    }
  }
  const ofCommit = `${ofPatch}-${commit.slice(0, 8)}`;
  await workspaces.publish(workspace, commit, ofCommit);
  return ofCommit;
}
