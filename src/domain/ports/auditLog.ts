import type { AuditEntry, AuditKind, Facts } from "../audit.ts";
import type { AuditCheck, AuditRow } from "../auditChain.ts";

/**
 * Append-only log of AuditEntries. The store assigns sequence, time and hashes.
 * @example
 * await audit.append({ kind: "ticket.opened", actor: "rules", ticketId, facts: { issues: 2 } });
 */
export interface AuditLog {
  append(entry: { kind: AuditKind; actor: string; ticketId?: string; facts?: Facts }): Promise<AuditEntry>;
  /** Newest first. */
  list(filter?: { ticketId?: string; limit?: number }): Promise<AuditEntry[]>;
  /** Up to `limit` entries with a higher sequence than `sequence`, oldest first. */
  after(sequence: number, limit: number): Promise<AuditEntry[]>;
}

/** The log as a hash chain that people can verify and export. */
export interface AuditChain extends AuditLog {
  /** The number of entries, and the hash of the newest entry. */
  head(): Promise<{ entries: number; head: string }>;
  /**
   * Checks the whole chain, in slices: one slice per turn of the event loop. `expect`: a head that was noted earlier;
   * the chain must contain it.
   */
  verify(expect?: string): Promise<AuditCheck>;
  /** Up to `limit` stored entries with a higher sequence than `after`, oldest first. */
  page(query: { after: number; limit: number; ticketId?: string }): Promise<AuditRow[]>;
}
