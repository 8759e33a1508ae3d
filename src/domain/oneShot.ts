import type { Fault } from "./errors.ts";
import type { Ticket } from "./ticket.ts";

/** A repository to work on without a server. */
export interface LocalRequest {
  /** Absolute path of the git repository's top folder. */
  repo: string;
  /** Folder inside it where the commands run. */
  root: string;
  reproduceCommand?: string;
  testCommand?: string;
  setupCommand?: string;
  testTimeoutMs?: number;
  brain: "rules" | "rulesThenModel" | "model";
  model?: { baseUrl?: string; name?: string };
}

/** One captured event to heal. */
export interface OneShotRequest extends LocalRequest {
  /** The event's JSON: native or Sentry form. */
  event: unknown;
}

export interface OneShotResult {
  /** patch: there is one, with at least E1. */
  outcome: "patch" | "abstained";
  /** Why it abstained, or what was proven. */
  reason: string;
  ticket: Ticket;
  diff: string | null;
  durationMs: number;
}

/** A history of captured events to look at. */
export interface ReplayRequest extends LocalRequest {
  events: readonly unknown[];
}

/** What would have come of one root cause. */
export interface ReplayedTicket {
  /** failed: a step went wrong, which says nothing about the engine. */
  outcome: OneShotResult["outcome"] | "failed";
  reason: string;
  ticket: Ticket;
  /** How many of the events were of it. */
  events: number;
  diff: string | null;
  /** At level full it would have been deployed without a person. */
  byItself: boolean;
  /** What else it was short of for that, by the gate's names. */
  shortOf: string[];
}

export interface ReplayReport {
  events: number;
  unreadable: { index: number; faults: Fault[] }[];
  issues: number;
  tickets: ReplayedTicket[];
  tokens: number;
  usd: number;
  /** Tokens of models without a price. */
  unpriced: number;
  durationMs: number;
}
