import type { Fault } from "./errors.ts";
import type { Ticket } from "./ticket.ts";

/** A repository to work on without a server. */
export interface LocalRequest {
  /** Absolute path of the git repository's top folder. */
  repo: string;
  /** Folder inside the repository in which the commands run. */
  root: string;
  reproduceCommand?: string;
  testCommand?: string;
  setupCommand?: string;
  testTimeoutMs?: number;
  brain: "rules" | "rulesThenModel" | "model";
  model?: { baseUrl?: string; name?: string };
}

/** One captured Event to heal. */
export interface OneShotRequest extends LocalRequest {
  /** The Event as parsed JSON, in selfheal's own or in Sentry's format. */
  event: unknown;
}

/** The result of a one-shot Run. */
export interface OneShotResult {
  /** patch: there is a Patch with Evidence of at least E1. */
  outcome: "patch" | "abstained";
  /** Why there is no Patch, or what was proven. */
  reason: string;
  ticket: Ticket;
  diff: string | null;
  durationMs: number;
}

/** A history of captured Events to replay. */
export interface ReplayRequest extends LocalRequest {
  events: readonly unknown[];
}

/** What selfheal would have done about one root cause. */
export interface ReplayedTicket {
  /** failed: a step threw an error, which says nothing about the quality of repairs. */
  outcome: OneShotResult["outcome"] | "failed";
  reason: string;
  ticket: Ticket;
  /** Number of Events with this root cause. */
  events: number;
  diff: string | null;
  /** Whether the Patch would have been deployed without a person at level `full`. */
  byItself: boolean;
  /** Names of the gate's conditions that were not met for that. */
  shortOf: string[];
}

/** The result of a replay. `unreadable` lists Events that could not be parsed, by their index. */
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
