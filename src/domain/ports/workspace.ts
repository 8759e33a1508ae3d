import type { Service } from "../service.ts";

export type ApplyResult = { kind: "applied" } | { kind: "conflict"; reason: string };

export interface CommitInfo {
  commit: string;
  author: string;
  /** Milliseconds since the epoch. */
  at: number;
  subject: string;
}

/** A git working tree of one ticket, at a base commit. Paths are repository-relative with forward slashes. */
export interface Workspace {
  readonly ticketId: string;
  readonly service: Service;
  /** Absolute path on the host. */
  readonly dir: string;
  readonly baseCommit: string;
  /** Back to the base commit, nothing left over. */
  reset(): Promise<void>;
  /** Applies a unified diff to the tree. Refuses symlinks and paths that leave the tree. */
  apply(diff: string): Promise<ApplyResult>;
  /** The diff of the tree against the base, as `git diff` prints it; empty when nothing changed. */
  diff(): Promise<string>;
  /** Tracked files at the base. */
  files(): Promise<string[]>;
  /** Reads a file of the tree. Throws for paths that leave it and for symlinks. */
  read(path: string): Promise<string>;
  write(path: string, content: string): Promise<void>;
  log(options: { paths?: readonly string[]; sinceMs?: number; limit?: number }): Promise<CommitInfo[]>;
  blame(path: string, line: number): Promise<CommitInfo | null>;
  /** The diff that takes a commit back; null for a merge, a root, or a commit that is not an ancestor of the base. */
  reverseOf(commit: string): Promise<string | null>;
  /** The diff that a commit made; null as of `reverseOf`, and for what is no commit. */
  changeBy(commit: string): Promise<string | null>;
  /** Commits the tree onto the base and returns the commit id. */
  commit(message: string): Promise<string>;
}

/** Makes workspaces from a private clone of a service's repository, whose own working tree is never touched. */
export interface Workspaces {
  /** The commit that new fixes of the service are based on: its branch's head. Throws SelfhealError `repository`. */
  head(service: Service): Promise<string>;
  /** The ticket's workspace at the base, clean; made, or reset when it is there already. */
  open(service: Service, ticketId: string, baseCommit: string): Promise<Workspace>;
  /** Publishes a commit of the workspace as `branch` in the service's repository. Compare-and-swap: the branch must be absent or already there. */
  publish(workspace: Workspace, commit: string, branch: string): Promise<void>;
  /** Whether `ancestor` is contained in `commit`. */
  contains(service: Service, commit: string, ancestor: string): Promise<boolean>;
}
