import type { RunInput, RunState } from "../../src/domain/runState.ts";

/** How a thread is entered. */
export type Way =
  | { kind: "input"; input: RunInput }
  /** Answers by the question's id. */
  | { kind: "answer"; answers: Record<string, unknown> }
  /** From its checkpoint. */
  | { kind: "on" };

/** What is seen of a thread. */
export interface Look {
  started: boolean;
  /** How many nodes come next. */
  next: number;
  /** Ids of the questions that are open. */
  open: string[];
  state: Partial<RunState> | null;
}

/** Runs the graph's threads in one process. */
export interface Engine {
  /** Resolves at the thread's end, or at a question. */
  run(threadId: string, way: Way): Promise<void>;
  look(threadId: string): Promise<Look>;
}
