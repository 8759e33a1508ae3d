import type { Evidence, Finding } from "../../domain/evidence.ts";

/** The reviewer sees diff and evidence; never the event's text, never the coder's reasons. */
export interface ReviewInput {
  diff: string;
  /** Contents of the changed files on the base and with the patch; "" where absent. */
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
