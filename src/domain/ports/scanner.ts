import type { Finding } from "../evidence.ts";

/** Looks at a diff and the tree it applies to. */
export interface Scanner {
  readonly name: string;
  /** `before`/`after`: contents of each changed file on the base and with the patch ("" where absent). Reports only what is new. */
  scan(change: {
    diff: string;
    before: ReadonlyMap<string, string>;
    after: ReadonlyMap<string, string>;
  }): Promise<Finding[]>;
}
