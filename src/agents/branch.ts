import { SelfhealError } from "../domain/errors.ts";
import type { Workspace, Workspaces } from "../domain/ports.ts";

/** What the names of selfheal's own branches begin with. */
export const BRANCH_PREFIX = "auto-fix/ticket-";

/** `auto-fix/ticket-<id>`; a later commit of the same ticket gets a branch of its own, for branches are never moved. */
export async function publishBranch(workspaces: Workspaces, workspace: Workspace, commit: string): Promise<string> {
  const branch = `${BRANCH_PREFIX}${workspace.ticketId}`;
  try {
    await workspaces.publish(workspace, commit, branch);
    return branch;
  } catch (error) {
    if (!SelfhealError.isInstance(error) || error.code !== "conflict") throw error;
    const other = `${branch}-${commit.slice(0, 8)}`;
    await workspaces.publish(workspace, commit, other);
    return other;
  }
}
