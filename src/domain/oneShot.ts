import type { Ticket } from "./ticket.ts";

/** One captured event to heal, without a server. */
export interface OneShotRequest {
  /** Absolute path of the git repository's top folder. */
  repo: string;
  /** Folder inside it where the commands run. */
  root: string;
  /** The event's JSON: native or Sentry form. */
  event: unknown;
  reproduceCommand?: string;
  testCommand?: string;
  setupCommand?: string;
  testTimeoutMs?: number;
  brain: "rules" | "rulesThenModel" | "model";
  model?: { baseUrl?: string; name?: string };
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
