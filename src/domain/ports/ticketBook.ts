import type { Ticket } from "../ticket.ts";

/** Which tickets. Every one of these is indexed. */
export interface TicketFilter {
  state?: Ticket["state"];
  service?: string;
  batchId?: string;
  /** Tickets that this Issue belongs to. */
  issueId?: string;
  /** true: something still happens on it; false: closed. */
  open?: boolean;
  /** true: a person is asked. */
  asking?: boolean;
  /** The newest so many. */
  limit?: number;
}

export interface TicketCounts {
  /** How many stand in each state that has any. */
  states: Partial<Record<Ticket["state"], number>>;
  /** How many ask a person. */
  asking: number;
}

/** The ticket book. One writer; every change is durable when the promise resolves. */
export interface TicketBook {
  /** Idempotent by id: an existing ticket is returned unchanged. */
  open(ticket: Ticket): Promise<Ticket>;
  get(id: string): Promise<Ticket | null>;
  /** Newest first. */
  list(filter?: TicketFilter): Promise<Ticket[]>;
  /** Costs the same however many there are. */
  counts(): Promise<TicketCounts>;
  /** Throws SelfhealError `ticketNotFound`. `change` returns only what changes. */
  update(id: string, change: (ticket: Ticket) => Partial<Ticket>): Promise<Ticket>;
}
