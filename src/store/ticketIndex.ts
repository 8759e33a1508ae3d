import type { TicketFilter } from "../domain/ports.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";

/** Tickets by id, and by what they are asked for by: nobody who looks for a few walks through all. */
export interface TicketIndex {
  readonly size: number;
  get(id: string): Ticket | undefined;
  /** In the order they were opened. */
  values(): IterableIterator<Ticket>;
  set(ticket: Ticket): void;
  delete(id: string): void;
  /** Newest first: by openedAt; of two opened together, the one that came later is first. */
  list(filter: TicketFilter): Ticket[];
}

type Keyed = { [name in "service" | "batchId" | "issueId" | "state" | "open"]: Map<string, Set<string>> };

export function createTicketIndex(): TicketIndex {
  const tickets = new Map<string, Ticket>();
  const places = new Map<string, number>();
  const keyed: Keyed = {
    service: new Map(),
    batchId: new Map(),
    issueId: new Map(),
    state: new Map(),
    open: new Map(),
  };
  let next = 0;

  const unlink = (ticket: Ticket): void => {
    for (const [name, key] of keysOf(ticket)) {
      const ids = keyed[name].get(key);
      ids?.delete(ticket.id);
      if (ids?.size === 0) keyed[name].delete(key);
    }
  };
  const link = (ticket: Ticket): void => {
    for (const [name, key] of keysOf(ticket)) {
      const ids = keyed[name].get(key) ?? new Set();
      keyed[name].set(key, ids.add(ticket.id));
    }
  };
  /** The fewest candidates that one of the filter's keys leaves; null: all of them. */
  const candidates = (filter: TicketFilter): Iterable<string> | null => {
    const sets = wantedKeys(filter).map(([name, key]) => keyed[name].get(key) ?? new Set<string>());
    return sets.length === 0 ? null : sets.reduce((a, b) => (b.size < a.size ? b : a));
  };

  return {
    get size() {
      return tickets.size;
    },
    get: (id) => tickets.get(id),
    values: () => tickets.values(),
    set: (ticket) => {
      const before = tickets.get(ticket.id);
      if (before !== undefined) unlink(before);
      else places.set(ticket.id, next++);
      tickets.set(ticket.id, ticket);
      link(ticket);
    },
    delete: (id) => {
      const ticket = tickets.get(id);
      if (ticket !== undefined) unlink(ticket);
      tickets.delete(id);
      places.delete(id);
    },
    list: (filter) => {
      const found: Ticket[] = [];
      for (const id of candidates(filter) ?? tickets.keys()) {
        const ticket = tickets.get(id);
        if (ticket !== undefined && matches(ticket, filter)) found.push(ticket);
      }
      const place = ({ id }: Ticket) => places.get(id) ?? 0;
      return found.sort((a, b) => b.openedAt - a.openedAt || place(b) - place(a));
    },
  };
}

function keysOf(ticket: Ticket): [keyof Keyed, string][] {
  const { service, batchId, state } = ticket;
  return [
    ["service", service],
    ["batchId", batchId],
    ["state", state],
    ["open", String(!isClosed(state))],
    ...ticket.issueIds.map((id): [keyof Keyed, string] => ["issueId", id]),
  ];
}

function wantedKeys(filter: TicketFilter): [keyof Keyed, string][] {
  return (["issueId", "batchId", "open", "state", "service"] as const).flatMap((name): [keyof Keyed, string][] =>
    filter[name] === undefined ? [] : [[name, String(filter[name])]],
  );
}

function matches(ticket: Ticket, filter: TicketFilter): boolean {
  const keys = keysOf(ticket);
  return wantedKeys(filter).every(([name, key]) => keys.some(([n, k]) => n === name && k === key));
}
