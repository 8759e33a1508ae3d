import type { ApprovalDecision } from "../approval.ts";
import type { RunInput } from "../runState.ts";

/**
 * Starts and resumes Runs on Threads. The thread id is the ticket id. Idempotent: a second start with the same input
 * starts nothing.
 */
export interface RunStarter {
  start(threadId: string, input: RunInput): Promise<void>;
  resume(threadId: string, decision: ApprovalDecision): Promise<void>;
  /** Stops the Run on the Thread. Its last Checkpoint stays, and nothing continues automatically. */
  stop(threadId: string): Promise<void>;
}
