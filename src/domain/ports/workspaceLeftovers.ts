/** What tickets leave on disk: working trees with the folders next to them, and commits in the private clones. */
export interface WorkspaceLeftovers {
  /** Ids of tickets that have a working tree, or a folder next to one. */
  trees(): Promise<string[]>;
  /**
   * Deletes the ticket's working tree; opening the Workspace again recreates it. The caller must hold the ticket's
   * lease.
   */
  removeTree(ticketId: string): Promise<void>;
  /** Ids of tickets whose commits a clone still keeps. */
  commits(): Promise<string[]>;
  /** Deletes the refs of these tickets' commits. Lets git pack a clone that has much to clean up. */
  forgetCommits(ticketIds: ReadonlySet<string>): Promise<void>;
}
