import type { TicketCounts, TicketFilter } from "../domain/ports/ticketBook.ts";
import { isClosed, type Ticket, TicketState } from "../domain/ticket.ts";

/** Tickets by id and by the keys of filters, so that a search for a few Tickets does not read all of them. */
export interface TicketIndex {
  readonly size: number;
  get(id: string): Ticket | undefined;
  /** In the order in which they were added. */
  values(): IterableIterator<Ticket>;
  set(ticket: Ticket): void;
  delete(id: string): void;
  /** Newest first by openedAt. Of two Tickets opened at the same time, the one that was added later is first. */
  list(filter: TicketFilter): Ticket[];
  counts(): TicketCounts;
}

type Keyed = { [name in "service" | "batchId" | "issueId" | "state" | "open" | "asking"]: Map<string, Set<string>> };

/**
 * If the candidates of a filter are more than one in so many Tickets, all Tickets are read in order instead of sorting.
 */
const MANY = 8;

export function createTicketIndex(): TicketIndex {
  const tickets = new Map<string, Ticket>();
  const places = new Map<string, number>();
  const keyed: Keyed = {
    service: new Map(),
    batchId: new Map(),
    issueId: new Map(),
    state: new Map(),
    open: new Map(),
    asking: new Map(),
  };
  /** The ids by openedAt, then in the order in which they were added: oldest first. */
  const order: string[] = [];
  let next = 0;

  const place = ({ id }: Ticket) => places.get(id) ?? 0;
  const later = (a: Ticket, b: Ticket): number => a.openedAt - b.openedAt || place(a) - place(b);
  /** The index of a Ticket in `order`, or where it would be inserted. Nearly all are at the end. */
  const positionOf = (ticket: Ticket): number => {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = tickets.get(order[middle] ?? "");
      if (other !== undefined && later(other, ticket) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const newestFirst = function* (): Generator<string> {
    for (let at = order.length - 1; at >= 0; at -= 1) yield order[at] ?? "";
  };

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
  /** The smallest set of candidates of the filter's keys; null: all Tickets. */
  const candidates = (filter: TicketFilter): Set<string> | null => {
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
      if (before === undefined) places.set(ticket.id, next++);
      else unlink(before);
      const isMoved = before !== undefined && before.openedAt !== ticket.openedAt;
      if (isMoved) order.splice(positionOf(before), 1);
      if (isMoved || before === undefined) order.splice(positionOf(ticket), 0, ticket.id);
      tickets.set(ticket.id, ticket);
      link(ticket);
    },
    delete: (id) => {
      const ticket = tickets.get(id);
      if (ticket === undefined) return;
      unlink(ticket);
      order.splice(positionOf(ticket), 1);
      tickets.delete(id);
      places.delete(id);
    },
    list: (filter) => {
      const { limit = Number.POSITIVE_INFINITY } = filter;
      const few = candidates(filter);
      const isWalked = few === null || few.size > order.length / MANY;
      const found: Ticket[] = [];
      for (const id of isWalked ? newestFirst() : few) {
        if (isWalked && found.length >= limit) break;
        const ticket = tickets.get(id);
        if (ticket !== undefined && matches(ticket, filter)) found.push(ticket);
      }
      return isWalked ? found : found.sort((a, b) => later(b, a)).slice(0, limit);
    },
    counts: () => {
      const sizes = TicketState.options.map((state) => [state, keyed.state.get(state)?.size ?? 0] as const);
      const states = Object.fromEntries(sizes.filter(([, size]) => size > 0));
      return { states, asking: keyed.asking.get("true")?.size ?? 0 };
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
    ["asking", String(ticket.approval !== null)],
    ...ticket.issueIds.map((id): [keyof Keyed, string] => ["issueId", id]),
  ];
}

function wantedKeys(filter: TicketFilter): [keyof Keyed, string][] {
  return (["issueId", "batchId", "asking", "open", "state", "service"] as const).flatMap(
    (name): [keyof Keyed, string][] => (filter[name] === undefined ? [] : [[name, String(filter[name])]]),
  );
}

function matches(ticket: Ticket, filter: TicketFilter): boolean {
  const keys = keysOf(ticket);
  return wantedKeys(filter).every(([name, key]) => keys.some(([n, k]) => n === name && k === key));
}
