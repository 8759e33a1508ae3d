import type { Service } from "../service.ts";
import type { CommitInfo } from "./workspace.ts";

/** A branch of a service's repository, by its newest commit. */
export interface BranchInfo extends CommitInfo {
  name: string;
}

/** Lines that were changed: `count` of them from `start` on, in the older text; 0: something was put in after `start`. */
export interface LineChange {
  path: string;
  start: number;
  count: number;
  /** Where the new text begins. */
  newStart: number;
  /** How many lines it has; 0: nothing took their place. */
  newCount: number;
}

/** What others did to a service's repository. */
export interface ChangeHistory {
  /** Every branch, after a fetch, and the newest pull requests (`pull/<number>`). */
  branches(service: Service): Promise<BranchInfo[]>;
  /** `sinceFork`: against where `to` forked from `from`, so that what `from` went on with does not count. */
  lineChanges(
    service: Service,
    span: { from: string; to: string; paths: readonly string[]; sinceFork: boolean },
  ): Promise<LineChange[]>;
  /** Commits after `from` up to `to` that change one of the paths, newest first; no merges. */
  commitsOn(service: Service, span: { from: string; to: string; paths: readonly string[] }): Promise<CommitInfo[]>;
  /** What a commit changes in the paths, as `git diff` prints it. */
  changeOf(service: Service, commit: string, paths: readonly string[]): Promise<string>;
}
