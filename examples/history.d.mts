export interface Repository {
  /** Commit id of `main`. */
  head: string;
  /** Oldest first. */
  commits: Array<{ commit: string; subject: string }>;
}

/** Writes the shop's repository into an empty or absent folder. The same `now` (milliseconds) gives the same commit ids. */
export function makeRepository(targetDir: string, options?: { now?: number }): Promise<Repository>;
