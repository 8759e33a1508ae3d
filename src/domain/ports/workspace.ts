import type { Service } from "../service.ts";

/** The outcome of applying a diff. */
export type ApplyResult = { kind: "applied" } | { kind: "conflict"; reason: string };

/** One commit of a history. */
export interface CommitInfo {
  commit: string;
  author: string;
  /** Milliseconds since the epoch. */
  at: number;
  subject: string;
}

/**
 * A git working tree of one ticket at a base commit. Paths are relative to the repository, with forward slashes.
 * @example
 * const result = await workspace.apply(diff);
 * if (result.kind === "applied") await workspace.commit("Guard against an empty cart");
 */
export interface Workspace {
  readonly ticketId: string;
  readonly service: Service;
  /** Absolute path on the host. */
  readonly dir: string;
  readonly baseCommit: string;
  /** Restores the base commit; no other change stays in the tree. */
  reset(): Promise<void>;
  /** Applies a unified diff to the tree. Refuses symlinks and paths outside of the tree. */
  apply(diff: string): Promise<ApplyResult>;
  /** The diff of the tree against the base, in the form of `git diff`; empty when nothing changed. */
  diff(): Promise<string>;
  /** The files that git tracks at the base. */
  files(): Promise<string[]>;
  /** Reads a file of the tree. Throws for symlinks and for paths outside of the tree. */
  read(path: string): Promise<string>;
  /** Reads a file of the base commit, whatever the tree holds. Throws like `read`. */
  readBase(path: string): Promise<string>;
  write(path: string, content: string): Promise<void>;
  log(options: { paths?: readonly string[]; sinceMs?: number; limit?: number }): Promise<CommitInfo[]>;
  blame(path: string, line: number): Promise<CommitInfo | null>;
  /**
   * The diff that reverts a commit. null for a merge, a root commit, or a commit that is not an ancestor of the base.
   */
  reverseOf(commit: string): Promise<string | null>;
  /** The diff of a commit. null in the cases of `reverseOf`, and when the text names no commit. */
  changeBy(commit: string): Promise<string | null>;
  /** Commits the tree onto the base and returns the commit id. */
  commit(message: string): Promise<string>;
}

/**
 * Creates Workspaces from a private clone of a service's repository. The repository's own working tree is never
 * touched.
 */
export interface Workspaces {
  /** The head of the service's branch, on which new Patches are based. Throws SelfhealError `repository`. */
  head(service: Service): Promise<string>;
  /** Opens the ticket's clean Workspace at the base commit: creates it, or resets the existing one. */
  open(service: Service, ticketId: string, baseCommit: string): Promise<Workspace>;
  /**
   * Publishes a commit of the Workspace as `branch` in the service's repository. Compare-and-swap: the branch must be
   * absent or already point to the commit.
   */
  publish(workspace: Workspace, commit: string, branch: string): Promise<void>;
  /** Whether `ancestor` is `commit` itself or one of its ancestors. */
  contains(service: Service, commit: string, ancestor: string): Promise<boolean>;
}
