import { plainText } from "../../domain/plainText.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import type { Paint } from "../paint.ts";
import { clipped, textTable } from "../table.ts";
import type { Bug, Reply } from "./shop.ts";

/** What the demo saw of one ticket: its life, from the first exception on. */
export interface Seen {
  ticket: Ticket;
  /** Milliseconds since the epoch: the first event of its Issues. */
  firstSeen: number;
  /** A person (here: the demo, through the public API) approved it. */
  approved: boolean;
  /** A deployment of it was rolled back. */
  rolledBack: boolean;
}

/** One line of progress: when, what, where it stands now. */
export function progressLine(ticket: Ticket, sinceMs: number, paint: Paint): string {
  const at = `${(sinceMs / 1000).toFixed(1).padStart(6)} s`;
  const title = clipped(plainText(ticket.title), 62).padEnd(62);
  const colour = ticket.state === "healed" ? "green" : ticket.state === "escalated" ? "yellow" : "dim";
  const why = ["escalated", "awaitingApproval", "abstained"].includes(ticket.state)
    ? `: ${clipped(plainText(ticket.reason), 90)}`
    : "";
  return `${paint("dim", at)}  ${title}  ${paint(colour, ticket.state)}${paint("dim", why)}`;
}

/** Whether nothing more will happen to the ticket without a person. */
export function isSettled(ticket: Ticket): boolean {
  return isClosed(ticket.state) || ticket.state === "escalated";
}

export function summaryTable(seen: readonly Seen[]): string {
  const rows = [...seen]
    .sort((a, b) => a.firstSeen - b.firstSeen || a.ticket.openedAt - b.ticket.openedAt)
    .map(({ ticket, firstSeen, approved, rolledBack }) => [
      ticket.id.slice(0, 8),
      clipped(plainText(ticket.title), 58),
      ticket.severity,
      ticket.evidence?.grade ?? "–",
      approved ? "asked → approved" : rolledBack ? "auto → rolled back" : (ticket.gate?.verdict ?? "–"),
      ticket.state,
      ticket.state === "healed" && ticket.closedAt !== null
        ? `${((ticket.closedAt - firstSeen) / 1000).toFixed(0)} s`
        : "–",
    ]);
  return textTable(["TICKET", "ROOT CAUSE", "SEVERITY", "EVIDENCE", "DECISION", "STATE", "CRASH → HELD"], rows);
}

/** What was not as it should be, seen from outside: by the traffic, and by the tickets. Empty when all was. */
export function shortcomings(bugs: readonly Bug[], seen: readonly Seen[], replies: readonly Reply[]): string[] {
  const faults = replies.filter((r) => bugs.every((b) => b.id !== r.id) && !r.asExpected);
  return [
    ...faults.map((r) => `an ordinary request no longer works: ${r.id} (${r.status})`),
    ...bugs.flatMap((bug) => bugShortcoming(bug, seen, replies)),
  ];
}

function bugShortcoming(bug: Bug, seen: readonly Seen[], replies: readonly Reply[]): string[] {
  const reply = replies.find((r) => r.id === bug.id);
  const mine = seen.filter((s) => plainText(s.ticket.title).includes(bug.crash.message));
  const state = mine.map((s) => s.ticket.state).join(", ") || "no ticket";
  switch (bug.outcome) {
    case "healed":
      if (reply?.asExpected && mine.some((s) => s.ticket.state === "healed")) return [];
      return [
        `${bug.id}: the request answers ${reply?.status} (${reply?.asExpected ? "right" : "wrong"}); ticket: ${state}`,
      ];
    case "approved":
      if (reply?.asExpected && mine.some((s) => s.approved && s.ticket.state === "healed")) return [];
      return [`${bug.id}: not healed after an approval; ticket: ${state}`];
    case "rolledBack":
      if (reply?.status === bug.crash.status && mine.some((s) => s.rolledBack && s.ticket.state === "escalated"))
        return [];
      return [`${bug.id}: should have been rolled back and handed to a person; ticket: ${state}`];
  }
}
