import type { RetentionReport } from "../retention.ts";

/** Deletes old data, so that the data folder stays bounded. */
export interface Retention {
  /** Safe to repeat and to interrupt at any point. A call during a run joins that run. */
  run(options?: { dryRun?: boolean }): Promise<RetentionReport>;
}
