import type { Finding } from "../evidence.ts";

/** Searches a diff for risks. The diff alone is not enough, so it also gets the contents of the changed files. */
export interface Scanner {
  readonly name: string;
  /**
   * Reports only findings that the base did not have. `before`/`after`: the contents of each changed file on the base
   * and with the Patch ("" where the file does not exist).
   */
  scan(change: {
    diff: string;
    before: ReadonlyMap<string, string>;
    after: ReadonlyMap<string, string>;
  }): Promise<Finding[]>;
}
