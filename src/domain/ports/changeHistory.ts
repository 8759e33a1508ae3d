import type { Service } from "../service.ts";
import type { CommitInfo } from "./workspace.ts";

/** A branch of a service's repository, with its newest commit. */
export interface BranchInfo extends CommitInfo {
  name: string;
}

/**
 * A block of changed lines. It covers `count` lines of the older text from line `start` on. `count` 0: lines were only
 * inserted after `start`.
 */
export interface LineChange {
  path: string;
  start: number;
  count: number;
  /** First line of the new text. */
  newStart: number;
  /** Number of new lines. 0: lines were only removed. */
  newCount: number;
}

/** What other people changed in a service's repository. */
export interface ChangeHistory {
  /** Fetches first. Returns every branch and the newest pull requests, which are named `pull/<number>`. */
  branches(service: Service): Promise<BranchInfo[]>;
  /**
   * The lines that differ between `from` and `to`. `sinceFork`: compare `to` with the commit where it forked from
   * `from`, so that later commits on `from` do not count.
   */
  lineChanges(
    service: Service,
    span: { from: string; to: string; paths: readonly string[]; sinceFork: boolean },
  ): Promise<LineChange[]>;
  /** Commits after `from` up to `to` that change one of the paths, newest first, without merges. */
  commitsOn(service: Service, span: { from: string; to: string; paths: readonly string[] }): Promise<CommitInfo[]>;
  /** The diff of a commit, limited to the paths, in the form of `git diff`. */
  changeOf(service: Service, commit: string, paths: readonly string[]): Promise<string>;
}
