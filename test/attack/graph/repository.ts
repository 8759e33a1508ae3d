import { SelfhealError } from "../../../src/domain/errors.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import type { Workspace, Workspaces } from "../../../src/domain/ports/workspace.ts";
import type { Service } from "../../../src/domain/service.ts";

/** File contents by path. */
export type Tree = Readonly<Record<string, string>>;

/** A commit of the pretended repository. */
interface Commit {
  parent: string | null;
  tree: Tree;
  message: string;
}

/** A git repository in memory. What is read off it after an attempt is what an outsider would see. */
export interface MemoryRepository {
  head: string;
  commits: ReadonlyMap<string, Commit>;
  /** By name of the published branch: its commit, and the ticket that it was published for. */
  branches: ReadonlyMap<string, { commit: string; ticketId: string }>;
  workspaces: Workspaces;
}

/** Real diffs in git's form, no process: a gate is tried thousands of times. */
export function createMemoryRepository(tree: Tree): MemoryRepository {
  const commits = new Map<string, Commit>();
  const branches = new Map<string, { commit: string; ticketId: string }>();
  const trees = new Map<string, Tree>();
  const byDiff = new Map<string, Tree>();
  const commit = (parent: string | null, files: Tree, message: string): string => {
    const id = digestOf(JSON.stringify([parent, files, message])).slice(0, 40);
    commits.set(id, { parent, tree: files, message });
    return id;
  };
  const head = commit(null, tree, "First");
  const treeAt = (id: string): Tree => {
    const found = commits.get(id);
    if (found === undefined) throw new SelfhealError("repository", `there is no commit ${id}`);
    return found.tree;
  };
  const contains = (id: string, ancestor: string): boolean => {
    const parent = commits.get(id)?.parent ?? null;
    return id === ancestor || (parent !== null && contains(parent, ancestor));
  };

  const open = (service: Service, ticketId: string, baseCommit: string): Workspace => {
    const base = treeAt(baseCommit);
    trees.set(ticketId, base);
    const now = () => trees.get(ticketId) ?? base;
    return {
      service,
      ticketId,
      baseCommit,
      dir: `/pretended/${ticketId}`,
      reset: async () => void trees.set(ticketId, base),
      async apply(diff) {
        const applied = byDiff.get(`${baseCommit} ${diff}`);
        if (applied === undefined) return { kind: "conflict", reason: "nobody wrote this diff" };
        trees.set(ticketId, applied);
        return { kind: "applied" };
      },
      async diff() {
        const diff = diffTrees(base, now());
        byDiff.set(`${baseCommit} ${diff}`, now());
        return diff;
      },
      files: async () => Object.keys(base),
      read: async (path) => fileIn(now(), path),
      readBase: async (path) => fileIn(base, path),
      write: async (path, content) => void trees.set(ticketId, { ...now(), [path]: content }),
      log: async () => [],
      blame: async () => null,
      reverseOf: async () => null,
      changeBy: async () => null,
      commit: async (message) => commit(baseCommit, now(), message),
    };
  };

  return {
    head,
    commits,
    branches,
    workspaces: {
      head: async () => head,
      open: async (service, ticketId, baseCommit) => open(service, ticketId, baseCommit),
      publish: async ({ ticketId }, id, branch) => void branches.set(branch, { commit: id, ticketId }),
      contains: async (_service, id, ancestor) => contains(id, ancestor),
    },
  };
}

function fileIn(tree: Tree, path: string): string {
  const content = Object.hasOwn(tree, path) ? tree[path] : undefined;
  if (content === undefined) throw new SelfhealError("fileNotFound", `there is no ${path}`);
  return content;
}

const CONTEXT = 3;

/** A unified diff as git writes it, with one hunk a file. */
function diffTrees(before: Tree, after: Tree): string {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((path) => before[path] !== after[path])
    .map((path) => diffFile(path, before[path], after[path]))
    .join("");
}

function diffFile(path: string, before: string | undefined, after: string | undefined): string {
  const [old, now] = [linesOf(before ?? ""), linesOf(after ?? "")];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let same = 0;
  while (same < Math.min(old.length, now.length) - start && old.at(-1 - same) === now.at(-1 - same)) same += 1;
  const from = Math.max(0, start - CONTEXT);
  const lead = old.slice(from, start).map((line) => ` ${line}\n`);
  const tail = old.slice(old.length - same, old.length - same + CONTEXT).map((line) => ` ${line}\n`);
  const removed = old.slice(start, old.length - same).map((line) => `-${line}\n`);
  const added = now.slice(start, now.length - same).map((line) => `+${line}\n`);
  const range = (changed: number) => {
    const count = lead.length + changed + tail.length;
    return count === 0 ? "0,0" : `${from + 1},${count}`;
  };
  const created = before === undefined ? "new file mode 100644\n" : "";
  const names = `--- ${before === undefined ? "/dev/null" : `a/${path}`}\n+++ ${after === undefined ? "/dev/null" : `b/${path}`}\n`;
  const hunk = `@@ -${range(removed.length)} +${range(added.length)} @@\n`;
  return `diff --git a/${path} b/${path}\n${created}${names}${hunk}${[...lead, ...removed, ...added, ...tail].join("")}`;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
