import type { AuditEntry, AuditKind, Facts } from "../audit.ts";
import type { AuditCheck, AuditRow } from "../auditChain.ts";

export interface AuditLog {
  append(entry: { kind: AuditKind; actor: string; ticketId?: string; facts?: Facts }): Promise<AuditEntry>;
  list(filter?: { ticketId?: string; limit?: number }): Promise<AuditEntry[]>;
  /** What was appended after the entry of this sequence, oldest first. */
  after(sequence: number, limit: number): Promise<AuditEntry[]>;
}

/** The log as a chain that people check and carry away. */
export interface AuditChain extends AuditLog {
  /** How many entries there are, and the hash of the newest. */
  head(): Promise<{ entries: number; head: string }>;
  /** Walks the whole chain, a slice a turn of the event loop. `expect`: a head noted before, which must be in it. */
  verify(expect?: string): Promise<AuditCheck>;
  /** Entries as stored, oldest first, with a sequence above `after`. */
  page(query: { after: number; limit: number; ticketId?: string }): Promise<AuditRow[]>;
}
