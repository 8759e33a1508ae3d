import type { CapturedEvent } from "../event.ts";
import type { Fingerprint, Issue, IssueMinute, IssueRelease } from "../issue.ts";
import type { TraceEvent } from "../trace.ts";

export interface IssueStore {
  /** One transaction: counts the Event on its Issue, keeps it as a sample if it is one, and marks it digested. Doing it again does nothing. */
  digest(event: CapturedEvent, fingerprint: Fingerprint): Promise<{ issue: Issue; isNew: boolean; repeated: boolean }>;
  get(id: string): Promise<Issue | null>;
  list(filter?: { project?: string; service?: string; limit?: number }): Promise<Issue[]>;
  /** Whole sample Events, newest first. */
  samples(issueId: string, limit: number): Promise<CapturedEvent[]>;
  /** How many Events of the Issue happened since (receivedAt, milliseconds). */
  countSince(issueId: string, sinceMs: number, release?: string): Promise<number>;
  /** Events a minute since, oldest first; minutes without any are left out. */
  minutes(issueId: string, sinceMs: number): Promise<IssueMinute[]>;
  /** What each release had of it, the first one first. */
  releases(issueId: string): Promise<IssueRelease[]>;
  attachTicket(issueId: string, ticketId: string): Promise<void>;
  /** It waits for a ticket that it is no part of. Does nothing where it has a ticket. */
  waitFor(issueId: string, cascade: NonNullable<Issue["cascade"]>): Promise<void>;
  /** The Events of the distributed traces that the Issue is in, of all services of its project. */
  traceEvents(issueId: string): Promise<TraceEvent[]>;
}

/** An IssueStore that tells the id of an Issue before an Event is counted on it. */
export interface IndexedIssueStore extends IssueStore {
  /** The id of the Issue that an Event of this Fingerprint is counted on. An Issue that began under a previous algorithm keeps its id. */
  idFor(project: string, service: string, fingerprint: Fingerprint): string;
}
