import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { Workspaces } from "../../domain/ports/workspace.ts";
import type { Service } from "../../domain/service.ts";

/**
 * The commit that a Patch starts from: the commit selfheal put live last if it contains the branch's head, else the
 * head if it contains the live commit. null: neither contains the other, so a Patch on one of them would take the
 * other's changes out of production. Throws SelfhealError `repository`.
 */
export async function baseCommitOf(
  deps: { workspaces: Workspaces; journal: DeployJournal },
  service: Service,
): Promise<string | null> {
  const head = await deps.workspaces.head(service);
  const live = await deps.journal.live(service.name);
  if (live === null || live.commit === head) return head;
  if (await deps.workspaces.contains(service, live.commit, head)) return live.commit;
  return (await deps.workspaces.contains(service, head, live.commit)) ? head : null;
}
