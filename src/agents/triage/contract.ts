import type { Severity } from "../../domain/ticket.ts";

/** What triage may know of an Issue. Its texts are untrusted. */
export interface IssueView {
  index: number;
  title: string;
  culprit: string;
  /** true: an Event of tier T1 or better was received, and the numbers below are of such Events alone. */
  trusted: boolean;
  level: string;
  unhandled: boolean;
  count: number;
  /** Events per minute since the Issue was first seen. */
  ratePerMinute: number;
  /** `file:function` of the in-app frames of the newest sample, newest first. */
  frames: readonly string[];
  /** Type of the innermost cause, or of the exception if it has no cause. */
  innermost: string;
  /** `file:function` of the newest in-app frame of the innermost cause; absent: there is no cause with such a frame. */
  origin?: string;
  /** The service that threw the innermost exception of the distributed traces, if that is another one. */
  originService?: string;
}

/** One root cause: the Issues it covers, and how bad it is. Every index of the input is in exactly one group. */
export interface TriageGroup {
  issues: readonly number[];
  severity: Severity;
  title: string;
  rootCause: string;
}

interface TriageResult {
  groups: TriageGroup[];
  tokens: number;
  /** Who grouped and why, if that was not the brain that was asked: `rules (model.quota)`. */
  by?: string;
}

/** Groups Issues by root cause. Implementations: rules, model. */
export interface TriageBrain {
  readonly name: string;
  triage(issues: readonly IssueView[], signal: AbortSignal): Promise<TriageResult>;
}
