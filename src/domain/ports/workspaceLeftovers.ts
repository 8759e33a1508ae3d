/** What tickets leave on disk: working trees with what lies beside them, and their commits in the private clones. */
export interface WorkspaceLeftovers {
  /** The tickets that have a working tree, or a folder beside one. */
  trees(): Promise<string[]>;
  /** Takes a ticket's tree away; it is made anew when it is opened again. Who calls this holds the ticket's lease. */
  removeTree(ticketId: string): Promise<void>;
  /** The tickets of which a clone keeps a commit. */
  commits(): Promise<string[]>;
  /** Lets their commits go, and has git pack what a clone holds where that is much. */
  forgetCommits(ticketIds: ReadonlySet<string>): Promise<void>;
}
