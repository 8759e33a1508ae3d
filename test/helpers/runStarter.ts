import type { ApprovalDecision } from "../../src/domain/approval.ts";
import type { RunStarter } from "../../src/domain/ports/runStarter.ts";

/** A RunStarter that records, and does what it was scripted to; a call that was not scripted throws. */
export interface FakeRunStarter extends RunStarter {
  readonly resumed: { threadId: string; decision: ApprovalDecision }[];
  /** Scripts the next resume: it succeeds, or throws `fault`. */
  expectResume(threadId: string, fault?: Error): void;
}

export function createFakeRunStarter(): FakeRunStarter {
  const script: { threadId: string; fault: Error | undefined }[] = [];
  const resumed: FakeRunStarter["resumed"] = [];
  return {
    resumed,
    expectResume: (threadId, fault) => {
      script.push({ threadId, fault });
    },
    start: async (threadId) => {
      throw new Error(`start(${threadId}) was not scripted`);
    },
    stop: async (threadId) => {
      throw new Error(`stop(${threadId}) was not scripted`);
    },
    resume: async (threadId, decision) => {
      const next = script.shift();
      if (next?.threadId !== threadId) throw new Error(`resume(${threadId}) was not scripted`);
      if (next.fault !== undefined) throw next.fault;
      resumed.push({ threadId, decision });
    },
  };
}
