import { z } from "zod";

const Count = z.number().int().nonnegative();

/** What one run of the retention job deleted, or would delete with `dryRun`. All fields are counts. */
export const RetentionReport = z.object({
  dryRun: z.boolean(),
  /** Closed tickets that moved from the book into the archive. */
  tickets: Count,
  /** Threads whose Checkpoints and Runs were deleted. */
  threads: Count,
  /** Checkpoints and Runs that were deleted from Threads that stay. */
  pruned: Count,
  events: Count,
  /** Issues that never had a ticket. */
  issues: Count,
  /** Rows of batches, messages, spend, track record, suppressions, wake-ups and leases. */
  rows: Count,
  blobs: Count,
  /** Working trees of closed tickets, with the folders next to them. */
  trees: Count.default(0),
  /** Tickets whose commits were deleted from the private clones. */
  commits: Count.default(0),
});
export type RetentionReport = z.infer<typeof RetentionReport>;

/** How long each kind of data is kept, in milliseconds. */
export interface RetentionAges {
  closedTicketsMs: number;
  checkpointsMs: number;
  worktreesMs: number;
  eventsMs: number;
  /** The track record, from which earned autonomy is computed. */
  trackRecordMs: number;
}
