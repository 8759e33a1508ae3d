import type { CapturedEvent } from "../event.ts";
import type { Fingerprint, Issue, IssueMinute, IssueRelease } from "../issue.ts";
import type { TraceEvent } from "../trace.ts";

/** Issues with their counters and their sample Events. */
export interface IssueStore {
  /**
   * One transaction: counts the Event on its Issue, keeps it if it is a sample, and marks it digested. Idempotent: a
   * second call changes nothing and returns `repeated`.
   */
  digest(event: CapturedEvent, fingerprint: Fingerprint): Promise<{ issue: Issue; isNew: boolean; repeated: boolean }>;
  get(id: string): Promise<Issue | null>;
  list(filter?: { project?: string; service?: string; limit?: number }): Promise<Issue[]>;
  /** Whole sample Events, newest first. */
  samples(issueId: string, limit: number): Promise<CapturedEvent[]>;
  /**
   * Number of Events of the Issue that were received since then (milliseconds since the epoch), of one release if
   * given.
   */
  countSince(issueId: string, sinceMs: number, release?: string): Promise<number>;
  /** Events per minute since then, oldest first. Minutes without Events are left out. */
  minutes(issueId: string, sinceMs: number): Promise<IssueMinute[]>;
  /** Counters of each release that had the Issue, the first release first. */
  releases(issueId: string): Promise<IssueRelease[]>;
  /** Links the Issue to its Ticket. */
  attachTicket(issueId: string, ticketId: string): Promise<void>;
  /**
   * Makes the Issue wait for the end of a Ticket that it does not belong to. Does nothing if the Issue has a Ticket of
   * its own.
   */
  waitFor(issueId: string, cascade: NonNullable<Issue["cascade"]>): Promise<void>;
  /** Events of the newest distributed traces that the Issue appears in, from all services of its project. */
  traceEvents(issueId: string): Promise<TraceEvent[]>;
}

/** An IssueStore that knows the Issue id of an Event before the Event is counted. */
export interface IndexedIssueStore extends IssueStore {
  /**
   * The id of the Issue that counts Events of this Fingerprint. An Issue that began under a previous algorithm keeps
   * its id.
   */
  idFor(project: string, service: string, fingerprint: Fingerprint): string;
}
