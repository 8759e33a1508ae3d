import { digestOf } from "../../src/domain/patch.ts";
import type { Workspace, Workspaces } from "../../src/domain/ports/workspace.ts";

/** Workspaces without git, for tests that enter a node a hundred times. `head` is the only commit there is before a patch. */
export function fakeWorkspaces(head: string): { workspaces: Workspaces; branches: Map<string, string> } {
  const branches = new Map<string, string>();
  const unscripted = (name: string) => async (): Promise<never> => {
    throw new Error(`${name} was not scripted`);
  };
  const open: Workspaces["open"] = async (service, ticketId, baseCommit): Promise<Workspace> => {
    let applied = "";
    return {
      ticketId,
      service,
      baseCommit,
      dir: `/nowhere/${ticketId}`,
      apply: async (diff) => {
        applied = diff;
        return { kind: "applied" };
      },
      // The same tree, message and base are the same commit.
      commit: async (message) => digestOf([applied, message, baseCommit, ticketId].join("\0")).slice(0, 40),
      reset: unscripted("reset"),
      diff: unscripted("diff"),
      files: unscripted("files"),
      read: unscripted("read"),
      readBase: unscripted("readBase"),
      write: unscripted("write"),
      log: unscripted("log"),
      blame: unscripted("blame"),
      reverseOf: unscripted("reverseOf"),
      changeBy: unscripted("changeBy"),
    };
  };
  const workspaces: Workspaces = {
    head: async () => head,
    open,
    publish: async (_workspace, commit, branch) => {
      if ((branches.get(branch) ?? commit) !== commit) throw new Error(`${branch} is at another commit`);
      branches.set(branch, commit);
    },
    contains: async (_service, commit, ancestor) => commit === ancestor || ancestor === head,
  };
  return { workspaces, branches };
}
