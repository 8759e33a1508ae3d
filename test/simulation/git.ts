import { SelfhealError } from "../../src/domain/errors.ts";
import { digestOf } from "../../src/domain/patch.ts";
import type { Workspace, Workspaces } from "../../src/domain/ports/workspace.ts";
import type { Service } from "../../src/domain/service.ts";
import { applyDiff, diffTrees, type Tree } from "./diffs.ts";

interface Commit {
  id: string;
  parents: readonly string[];
  tree: Tree;
}

/** Makes an effect on git; see Write. */
export type GitEffect = <T>(name: string, apply: () => T) => Promise<T>;

/** The repositories: they outlive every process. */
export interface Git {
  commit(parents: readonly string[], tree: Tree, message: string): string;
  read(commit: string): Commit;
  contains(commit: string, ancestor: string): boolean;
  heads: Map<string, string>;
  branches: Map<string, string>;
  /** Working trees by ticket: whoever opens one gets the same folder. */
  folders: Map<string, Tree>;
  /** The digest of the diff that the commit is. */
  digestOf(commit: string): string;
}

export function createGit(): Git {
  const commits = new Map<string, Commit>();
  const read = (id: string): Commit => {
    const commit = commits.get(id);
    if (commit === undefined) throw new SelfhealError("repository", `there is no commit ${id}`);
    return commit;
  };
  const contains = (commit: string, ancestor: string): boolean =>
    commit === ancestor || read(commit).parents.some((parent) => contains(parent, ancestor));
  return {
    commit(parents, tree, message) {
      const id = digestOf(JSON.stringify([parents, tree, message])).slice(0, 40);
      commits.set(id, { id, parents, tree });
      return id;
    },
    read,
    contains,
    heads: new Map(),
    branches: new Map(),
    folders: new Map(),
    digestOf: (id) => {
      const { parents, tree } = read(id);
      return digestOf(diffTrees(read(parents[0] ?? id).tree, tree));
    },
  };
}

/** What a process sees of git. */
export function openWorkspaces(git: Git, effect: GitEffect): Workspaces {
  return {
    head: async (service) => git.heads.get(service.name) ?? "",
    open: (service, ticketId, baseCommit) =>
      effect("checkout", () => {
        git.folders.set(ticketId, git.read(baseCommit).tree);
        return openWorkspace(git, effect, { service, ticketId, baseCommit });
      }),
    publish: (_workspace, commit, branch) =>
      effect(`branch ${branch.slice(0, 30)}`, () => {
        const at = git.branches.get(branch) ?? commit;
        if (at !== commit) throw new SelfhealError("conflict", `${branch} is at ${at}`);
        git.branches.set(branch, commit);
      }),
    contains: async (_service, commit, ancestor) => git.contains(commit, ancestor),
  };
}

function openWorkspace(
  git: Git,
  effect: GitEffect,
  { service, ticketId, baseCommit }: { service: Service; ticketId: string; baseCommit: string },
): Workspace {
  const base = git.read(baseCommit).tree;
  const tree = () => git.folders.get(ticketId) ?? base;
  return {
    service,
    ticketId,
    baseCommit,
    dir: `/pretended/${ticketId}`,
    reset: async () => void git.folders.set(ticketId, base),
    async apply(diff) {
      const applied = applyDiff(tree(), diff);
      if (typeof applied === "string") return { kind: "conflict", reason: applied };
      git.folders.set(ticketId, applied);
      return { kind: "applied" };
    },
    diff: async () => diffTrees(base, tree()),
    files: async () => Object.keys(base),
    async read(path) {
      const content = tree()[path];
      if (content === undefined) throw new SelfhealError("fileNotFound", `there is no ${path}`);
      return content;
    },
    async readBase(path) {
      const content = base[path];
      if (content === undefined) throw new SelfhealError("fileNotFound", `there is no ${path}`);
      return content;
    },
    write: async (path, content) => void git.folders.set(ticketId, { ...tree(), [path]: content }),
    log: async () => [],
    blame: async () => null,
    reverseOf: async () => null,
    changeBy: async () => null,
    commit: (message) => effect("commit", () => git.commit([baseCommit], tree(), message)),
  };
}
