import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SelfhealError } from "../../domain/errors.ts";
import type { ChangeHistory } from "../../domain/ports/changeHistory.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Workspace, Workspaces } from "../../domain/ports/workspace.ts";
import type { WorkspaceLeftovers } from "../../domain/ports/workspaceLeftovers.ts";
import type { Service } from "../../domain/service.ts";
import { branchesOf, changeOfCommit, commitsOnOf, lineChangesOf, pullRequestsOf } from "./branchChanges.ts";
import { type Clone, cloneName, openClone } from "./clone.ts";
import { sideFoldersOf, workDir } from "./folderLayout.ts";
import { createHostGit } from "./hostGit.ts";
import { createLeftovers } from "./leftovers.ts";
import { isAncestor } from "./logAndBlame.ts";
import { removeTree } from "./safeFiles.ts";
import { removeStaleLocks } from "./staleLocks.ts";
import { openWorktree, refOf } from "./worktree.ts";

/** Where workspaces are stored. */
export interface WorkspacesOptions {
  /** Folder of repos/, work/, deps/ and setup/. */
  dataDir: string;
  clock: Clock;
}

/** Workspaces and change history on this machine. */
export interface LocalWorkspaces extends Workspaces, ChangeHistory {
  leftovers: WorkspaceLeftovers;
}

type HostGit = Awaited<ReturnType<typeof createHostGit>>;

/**
 * Workspaces on private bare clones. A service's own repository is only read. The exception is `publish`, which creates
 * one ref there with the objects it needs. Calls on the same clone run one after the other.
 *
 * @example
 * const workspaces = createWorkspaces({ dataDir: ".selfheal", clock });
 * const workspace = await workspaces.open(service, ticketId, await workspaces.head(service));
 */
export function createWorkspaces(options: WorkspacesOptions): LocalWorkspaces {
  const dataDir = resolve(options.dataDir);
  const serialized = createKeyedQueue();
  let host: Promise<HostGit> | undefined;
  const hostGit = () => {
    host ??= createHostGit(join(dataDir, "git"));
    return host;
  };
  const tidy = new Set<string>();
  const cloneOf = async (service: Service): Promise<Clone> => {
    const git = await hostGit();
    const dir = join(dataDir, "repos");
    return openClone({ dir, repo: service.repo, at: (gitDir) => git.at({ gitDir }), tidy });
  };
  const withClone = <T>(service: Service, run: (clone: Clone) => Promise<T>): Promise<T> =>
    serialized(cloneName(service.repo), async () => {
      const clone = await cloneOf(service);
      try {
        return await run(clone);
      } catch (error) {
        // A leftover of a killed git may have caused the error. The next call cleans up again.
        tidy.delete(clone.gitDir);
        throw error;
      }
    });

  return {
    head: (service) => withClone(service, (clone) => clone.head(service.branch)),
    open: (service, ticketId, baseCommit) =>
      withClone(service, async (clone) => {
        requireTicketId(ticketId);
        const base = await known(clone, baseCommit);
        return openTicketTree({ clone, host: await hostGit(), dataDir, clock: options.clock }, service, ticketId, base);
      }),
    publish: (workspace, commit, branch) =>
      withClone(workspace.service, (clone) => clone.publish(refOf(workspace.ticketId), commit, branch)),
    contains: (service, commit, ancestor) =>
      withClone(service, async (clone) => {
        const [outer, inner] = [await resolveFresh(clone, commit), await resolveFresh(clone, ancestor)];
        return outer !== null && inner !== null && isAncestor(clone.git, inner, outer);
      }),
    branches: (service) =>
      withClone(service, async (clone) => {
        await clone.fetch();
        const pulls = await pullRequestsOf(clone.git, service.pullRequestsFrom ?? service.repo);
        return [...(await branchesOf(clone.git)), ...pulls];
      }),
    lineChanges: (service, span) =>
      withClone(service, async (clone) =>
        lineChangesOf(clone.git, { ...span, from: await known(clone, span.from), to: await known(clone, span.to) }),
      ),
    commitsOn: (service, span) =>
      withClone(service, async (clone) =>
        commitsOnOf(clone.git, { ...span, from: await known(clone, span.from), to: await known(clone, span.to) }),
      ),
    changeOf: (service, commit, paths) =>
      withClone(service, async (clone) => changeOfCommit(clone.git, await known(clone, commit), paths)),
    leftovers: createLeftovers({ dataDir, serialized, gitAt: async (gitDir) => (await hostGit()).at({ gitDir }) }),
  };
}

interface CloneContext {
  clone: Clone;
  host: HostGit;
  dataDir: string;
  clock: Clock;
}

async function openTicketTree(
  ground: CloneContext,
  service: Service,
  ticketId: string,
  base: string,
): Promise<Workspace> {
  const { clone, host } = ground;
  const dir = workDir(ground.dataDir, ticketId);
  const adminDir = join(clone.gitDir, "worktrees", ticketId);
  // The caller has the ticket's lease, so no other process works in this tree now.
  await removeStaleLocks(adminDir, [join(clone.gitDir, `${refOf(ticketId)}.lock`)]);
  if (!existsSync(adminDir)) {
    await removeTree(dir);
    await mkdir(join(ground.dataDir, "work"), { recursive: true });
    await clone.git(["worktree", "add", "--quiet", "--force", "--detach", "--no-checkout", "--", dir, base]);
    if (!existsSync(adminDir)) throw new SelfhealError("git", `git put the worktree of ${basename(dir)} elsewhere`);
  }
  const onIndex = host.at({ gitDir: adminDir, workTree: host.emptyDir });
  if ((await detachedHead(adminDir)) !== base) {
    // The setup command's files belong to the base on which it ran.
    await removeTree(sideFoldersOf(dir, ticketId).setup);
    await onIndex(["update-ref", "--no-deref", "HEAD", base]);
  }
  const onTree = host.at({ gitDir: adminDir, workTree: dir });
  const { clock } = ground;
  const tree = await openWorktree({ service, ticketId, baseCommit: base, dir, adminDir, onIndex, onTree, clock });
  await tree.reset();
  return tree;
}

/** The commit that a worktree is at; its HEAD is never a branch. */
async function detachedHead(adminDir: string): Promise<string> {
  return (await readFile(join(adminDir, "HEAD"), "utf8")).trim();
}

async function known(clone: Clone, commit: string): Promise<string> {
  const id = await resolveFresh(clone, commit);
  if (id === null) throw new SelfhealError("repository", `commit ${commit} is not in the repository`);
  return id;
}

async function resolveFresh(clone: Clone, commit: string): Promise<string | null> {
  const id = await clone.resolve(commit);
  if (id !== null) return id;
  await clone.fetch();
  return clone.resolve(commit);
}

function requireTicketId(ticketId: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(ticketId)) return;
  throw new SelfhealError("unsafePath", `${JSON.stringify(ticketId)} is no ticket id`);
}

/** One call at a time for each key, in the order they came. */
function createKeyedQueue(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(run, run);
    last.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  };
}
