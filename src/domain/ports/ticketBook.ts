import type { Ticket } from "../ticket.ts";

/** Selects tickets. Every field is indexed. */
export interface TicketFilter {
  state?: Ticket["state"];
  service?: string;
  batchId?: string;
  /** Tickets that this Issue belongs to. */
  issueId?: string;
  /** true: tickets that are not closed. false: closed tickets. */
  open?: boolean;
  /** true: tickets with an open ApprovalRequest. */
  asking?: boolean;
  /** At most this many, the newest first. */
  limit?: number;
}

/** Numbers of tickets, for overviews. */
export interface TicketCounts {
  /** Tickets per state. States without tickets are absent. */
  states: Partial<Record<Ticket["state"], number>>;
  /** Tickets with an open ApprovalRequest. */
  asking: number;
}

/**
 * The store of tickets. There is one writer; every change is durable when its promise resolves.
 * @example
 * await tickets.update(id, (ticket) => ({ state: "planning", tokens: ticket.tokens + used }));
 */
export interface TicketBook {
  /** Idempotent by id: an existing ticket is returned unchanged. */
  open(ticket: Ticket): Promise<Ticket>;
  get(id: string): Promise<Ticket | null>;
  /** Newest first. */
  list(filter?: TicketFilter): Promise<Ticket[]>;
  /** Takes constant time, however many tickets there are. */
  counts(): Promise<TicketCounts>;
  /** Changes a ticket. `change` returns only the fields that change. Throws SelfhealError `ticketNotFound`. */
  update(id: string, change: (ticket: Ticket) => Partial<Ticket>): Promise<Ticket>;
}
