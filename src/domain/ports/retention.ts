import type { RetentionReport } from "../retention.ts";

/** Keeps the data folder bounded. */
export interface Retention {
  /** Safe to repeat, and to be cut off anywhere. Asked for again while it runs, it is the same run. */
  run(options?: { dryRun?: boolean }): Promise<RetentionReport>;
}
