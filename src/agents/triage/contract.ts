import type { Severity } from "../../domain/ticket.ts";

/** What triage may know of an Issue. Text is untrusted. */
export interface IssueView {
  index: number;
  title: string;
  culprit: string;
  level: string;
  unhandled: boolean;
  count: number;
  /** Events a minute over the Issue's life so far. */
  ratePerMinute: number;
  /** `file:function` of the in-app frames of the newest sample, newest first. */
  frames: readonly string[];
  /** Type of the innermost cause. */
  innermost: string;
  /** `file:function` of the app that threw the innermost cause; absent where the exception has no cause with such a frame. */
  origin?: string;
  /** The service whose exception is the innermost one of the distributed traces, where that is another one. */
  originService?: string;
}

/** One root cause: which Issues it covers, and how bad it is. Every index of the input is in exactly one group. */
export interface TriageGroup {
  issues: readonly number[];
  severity: Severity;
  title: string;
  rootCause: string;
}

interface TriageResult {
  groups: TriageGroup[];
  tokens: number;
  /** Who did it and why, where that is not the brain that was asked: `rules (model.quota)`. */
  by?: string;
}

/** Groups Issues by root cause. Implementations: rules, model. */
export interface TriageBrain {
  readonly name: string;
  triage(issues: readonly IssueView[], signal: AbortSignal): Promise<TriageResult>;
}
