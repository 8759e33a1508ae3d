import { z } from "zod";

const Count = z.number().int().nonnegative();

/** What one run of the retention job took away, or would take away. */
export const RetentionReport = z.object({
  dryRun: z.boolean(),
  /** Closed tickets that went from the book into the archive. */
  tickets: Count,
  /** Threads whose checkpoints and runs went. */
  threads: Count,
  /** Checkpoints and runs that went from threads that stay. */
  pruned: Count,
  events: Count,
  /** Issues that nobody ever opened a ticket on. */
  issues: Count,
  /** Rows of batches, messages, spend, track record, suppressions, wake-ups and leases. */
  rows: Count,
  blobs: Count,
  /** Working trees of closed tickets, with what lies beside them. */
  trees: Count.default(0),
  /** Tickets whose commits the private clones let go. */
  commits: Count.default(0),
});
export type RetentionReport = z.infer<typeof RetentionReport>;

/** How long things are kept, milliseconds. */
export interface RetentionAges {
  closedTicketsMs: number;
  checkpointsMs: number;
  worktreesMs: number;
  eventsMs: number;
  /** What earned autonomy looks back on. */
  trackRecordMs: number;
}
