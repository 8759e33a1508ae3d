import type { CapturedEvent } from "../../domain/event.ts";
import type { Recollection } from "../../domain/lesson.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";

/** Result of one quick check of the workspace as it is now. null: this service has no such check. */
export interface QuickCheck {
  /** Whether the captured exception did not happen again. */
  reproductionPassed: boolean | null;
  /** Whether everything that passed on the base still passes; null: the suite was not run. */
  suitePassed: boolean | null;
  /** What failed; short and scrubbed. */
  summary: string;
  /** The end of the reproduction's output, if it ran and passed. */
  output?: string;
}

/** All that a coder gets for one Attempt. */
export interface CoderInput {
  event: CapturedEvent;
  plan: Plan;
  workspace: Workspace;
  /** Starts at 1. */
  attempt: number;
  /** Digests of rejected Patches; they are never proposed again. */
  rejectedDigests: readonly string[];
  /** Why the last Attempt failed, in short, from the tester; empty for the first one. */
  feedback: string;
  guidance: string;
  /** Lessons of earlier tickets like this one, the most similar first. */
  recollections?: readonly Recollection[];
  /** Tokens left for this ticket. */
  tokenBudget: number;
  /** The reproduction, if it is a test of selfheal's own. */
  reproduction?: Pick<RegressionTest, "kind" | "origin" | "path"> | null;
  /** Runs the reproduction on the workspace, and on request the suite. */
  check(options: { suite: boolean }): Promise<QuickCheck>;
  /** What the repaired code in the workspace returns where it crashed, as text; null: not known. */
  behaviour?: () => Promise<string | null>;
  signal: AbortSignal;
}

/** The result of one Attempt. `rejected`: what was tried and refused, in words. `tokens`: tokens spent on it. */
export type CoderResult =
  /** The workspace contains the patch. */
  | { kind: "patch"; by: string; explanation: string; rejected: string[]; tokens: number }
  | { kind: "abstained"; reason: string; wouldChangeMind: string; rejected: string[]; tokens: number };

/** Changes the workspace until the exception is gone, or abstains with a reason. Implementations: rules, model. */
export interface CoderBrain {
  readonly name: string;
  code(input: CoderInput): Promise<CoderResult>;
}

/** What a reproducer gets: the workspace and the Event. */
export interface ReproducerInput {
  workspace: Workspace;
  event: CapturedEvent;
  /** Tokens left for this ticket; absent: no limit. */
  tokenBudget?: number;
  signal: AbortSignal;
}

/** A test that failed on the base with this exception at this place; or none, and what was tried, in words. */
export type ReproductionFound =
  | { kind: "found"; test: RegressionTest; seen: string; tokens: number }
  | { kind: "none"; notes: readonly string[]; tokens: number };

/** Reproduces the exception with a regression test. */
export interface Reproducer {
  /** Leaves the workspace at the base. */
  find(input: ReproducerInput): Promise<ReproductionFound>;
  /**
   * The workspace must contain the repaired code. Returns the test; if the return value of that code is known, the test
   * also asserts it.
   */
  pin(input: ReproducerInput & { test: RegressionTest }): Promise<RegressionTest>;
}
