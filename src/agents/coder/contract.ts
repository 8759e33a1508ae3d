import type { CapturedEvent } from "../../domain/event.ts";
import type { Recollection } from "../../domain/lesson.ts";
import type { Plan } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";

/** What one quick check of the workspace as it is now showed. null: there is no such check for this service. */
export interface QuickCheck {
  /** The captured exception did not happen again. */
  reproductionPassed: boolean | null;
  /** Nothing that passed on the base fails now; null while the suite was not run. */
  suitePassed: boolean | null;
  /** Short and scrubbed: what failed. */
  summary: string;
  /** The end of what the reproduction printed, where it ran and passed. */
  output?: string;
}

export interface CoderInput {
  event: CapturedEvent;
  plan: Plan;
  workspace: Workspace;
  /** From 1. */
  attempt: number;
  /** Digests of patches that were turned down before; never proposed again. */
  rejectedDigests: readonly string[];
  /** Why the last attempt failed, short; from the tester. */
  feedback: string;
  guidance: string;
  /** What earlier tickets like this one teach, the most alike first. */
  recollections?: readonly Recollection[];
  /** Tokens left for this ticket. */
  tokenBudget: number;
  /** What reproduces the exception, where it is a test of selfheal's own. */
  reproduction?: Pick<RegressionTest, "kind" | "origin" | "path"> | null;
  /** Runs the reproduction on the workspace, and the suite when asked. */
  check(options: { suite: boolean }): Promise<QuickCheck>;
  /** What the repaired code in the workspace returns where it crashed, as text; null where that is not plain. */
  behaviour?: () => Promise<string | null>;
  signal: AbortSignal;
}

export type CoderResult =
  /** The workspace holds the patch. */
  | { kind: "patch"; by: string; explanation: string; rejected: string[]; tokens: number }
  | { kind: "abstained"; reason: string; wouldChangeMind: string; rejected: string[]; tokens: number };

/** Changes the workspace until the exception is gone, or abstains and says why. Implementations: rules, model. */
export interface CoderBrain {
  readonly name: string;
  code(input: CoderInput): Promise<CoderResult>;
}

export interface ReproducerInput {
  workspace: Workspace;
  event: CapturedEvent;
  /** Tokens left for this ticket; absent: no limit. */
  tokenBudget?: number;
  signal: AbortSignal;
}

/** A test that was seen to fail on the base with this exception at this place; or none, and what was tried, in words. */
export type ReproductionFound =
  | { kind: "found"; test: RegressionTest; seen: string; tokens: number }
  | { kind: "none"; notes: readonly string[]; tokens: number };

/** Makes the exception happen again, as a regression test. */
export interface Reproducer {
  /** Leaves the workspace at the base. */
  find(input: ReproducerInput): Promise<ReproductionFound>;
  /** The workspace holds the repaired code: the same test, that also asks for what this returns, where that is plain. */
  pin(input: ReproducerInput & { test: RegressionTest }): Promise<RegressionTest>;
}
