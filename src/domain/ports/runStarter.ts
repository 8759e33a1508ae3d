import type { ApprovalDecision } from "../approval.ts";
import type { RunInput } from "../runState.ts";

/** Starts and resumes runs on threads (thread id = ticket id). Starting the same thing twice starts it once. */
export interface RunStarter {
  start(threadId: string, input: RunInput): Promise<void>;
  resume(threadId: string, decision: ApprovalDecision): Promise<void>;
  /** Ends what runs on the thread. Its last checkpoint stands; nothing goes on by itself. */
  stop(threadId: string): Promise<void>;
}
