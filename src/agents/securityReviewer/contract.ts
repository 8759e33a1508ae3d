import type { Evidence, Finding } from "../../domain/evidence.ts";

/** The reviewer sees diff and evidence; never the Event's text, never the coder's reasons. */
export interface ReviewInput {
  diff: string;
  /**
   * By path: contents of the changed files on the base (`before`) and with the Patch (`after`); "" if a file is absent.
   */
  before: ReadonlyMap<string, string>;
  after: ReadonlyMap<string, string>;
  evidence: Evidence;
  signal: AbortSignal;
}

/** Looks for harm in a diff. Implementations: rules (scanners), model. A model can only add findings. */
export interface ReviewerBrain {
  readonly name: string;
  review(input: ReviewInput): Promise<{ findings: Finding[]; unavailable: string[]; tokens: number }>;
}
