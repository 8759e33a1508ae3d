import type { Workspace } from "../../src/domain/ports/workspace.ts";
import type { Service } from "../../src/domain/service.ts";
import { createWorkspaces } from "../../src/tools/git/workspaces.ts";
import { type GitRepository, temporaryFolder } from "./gitRepository.ts";
import { service } from "./service.ts";

/** A real workspace of a repository at its head. */
export async function openWorkspace(repository: GitRepository, more: Partial<Service> = {}): Promise<Workspace> {
  const clock = { now: () => Date.now() };
  const workspaces = createWorkspaces({ dataDir: temporaryFolder("data"), clock });
  const asked = service(repository.dir, more);
  return workspaces.open(asked, "00000000-0000-4000-8000-000000000001", await workspaces.head(asked));
}
