import type { Issue } from "../domain/issue.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { TicketBook, TicketCounts, TicketFilter } from "../domain/ports/ticketBook.ts";
import type { Ticket } from "../domain/ticket.ts";

/** The services that a caller may see; null: all of them. */
export type Visible = readonly string[] | null;

/** Whether the caller may see what belongs to the service. */
export function isVisible(visible: Visible, service: string): boolean {
  return visible === null || visible.includes(service);
}

/** The tickets of the visible services, newest first. */
export async function visibleTickets(
  book: Pick<TicketBook, "list">,
  visible: Visible,
  filter: TicketFilter = {},
): Promise<Ticket[]> {
  if (visible === null) return book.list(filter);
  const asked = visible.filter((service) => filter.service === undefined || filter.service === service);
  const lists = await Promise.all(asked.map((service) => book.list({ ...filter, service })));
  const newest = lists.flat().toSorted((a, b) => b.openedAt - a.openedAt);
  return newest.slice(0, filter.limit ?? newest.length).map((ticket) => withoutHidden(ticket, visible));
}

/** The Issues of the visible services, the one that happened last first. */
export async function visibleIssues(
  issues: Pick<IssueStore, "list">,
  visible: Visible,
  filter: { project?: string; service?: string; limit?: number } = {},
): Promise<Issue[]> {
  if (visible === null) return issues.list(filter);
  const asked = visible.filter((service) => filter.service === undefined || filter.service === service);
  const lists = await Promise.all(asked.map((service) => issues.list({ ...filter, service })));
  const newest = lists.flat().toSorted((a, b) => b.lastSeen - a.lastSeen);
  return newest.slice(0, filter.limit ?? newest.length);
}

/** The ticket without what distributed traces say about services that the caller must not see. */
export function withoutHidden(ticket: Ticket, visible: Visible): Ticket {
  const { origin, ...rest } = ticket;
  return origin === undefined || isVisible(visible, origin.service) ? ticket : rest;
}

/** Numbers of the visible tickets. */
export async function visibleCounts(
  book: Pick<TicketBook, "list" | "counts">,
  visible: Visible,
): Promise<TicketCounts> {
  if (visible === null) return book.counts();
  const states: TicketCounts["states"] = {};
  const tickets = await visibleTickets(book, visible);
  for (const { state } of tickets) states[state] = (states[state] ?? 0) + 1;
  return { states, asking: tickets.filter(({ approval }) => approval !== null).length };
}
