import { plainText } from "../../domain/plainText.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import type { Paint } from "../colors.ts";
import { clipped, textTable } from "../textTable.ts";
import { type Bug, type Reply, SOAK_MS } from "./shop.ts";

/** The soak window in words. */
export const SOAK = `${SOAK_MS / 1000} s`;

/** What the demo saw of one ticket: its life, from the first exception on. */
export interface Seen {
  ticket: Ticket;
  /** `function (file)` of the crash, short. */
  where: string;
  /** The base commit of the first proof; null before there is one. */
  provenOn: string | null;
  /** Milliseconds since the epoch: the first event of its Issues. */
  firstSeen: number;
  /** A person (here: the demo, through the public API) approved it. */
  approved: boolean;
  /** A deployment of it was rolled back. */
  rolledBack: boolean;
}

/** One line of progress: when, what, and what was observed. null for the steps between that nobody waits for. */
export function progressLine(seen: Seen, before: Ticket | undefined, sinceMs: number, paint: Paint): string | null {
  const { ticket } = seen;
  const news = newsOf(seen, before);
  if (news === null) return null;
  const colour = ticket.state === "healed" ? "green" : isSettled(ticket) ? "yellow" : "dim";
  const at = `${(sinceMs / 1000).toFixed(1).padStart(6)} s`;
  return `${paint("dim", at)}  ${clipped(seen.where, 30).padEnd(30)}  ${paint(colour, news)}`;
}

function newsOf({ ticket, provenOn }: Seen, before: Ticket | undefined): string | null {
  const { patch, evidence, state } = ticket;
  switch (state) {
    case "open":
    case "planning":
      return before === undefined ? `${ticket.severity}: ${clipped(plainText(ticket.title), 70)}` : null;
    case "reviewing":
      if (patch === null || provenOn === patch.baseCommit) return null;
      return provenOn === null
        ? `${patch.by}: red on the base, green on the patch, suite green → ${evidence?.grade}`
        : `another fix went live first; ported to it, tested again: ${evidence?.grade}`;
    case "soaking":
      return `deployed and healthy; watched for ${SOAK}`;
    case "healed":
      return `healed: no recurrence through its soak of ${SOAK}`;
    case "awaitingApproval":
      return `asks a person; short of going by itself: ${plainText(ticket.reason)}`;
    case "escalated":
    case "abstained":
      return `${state}: ${clipped(plainText(ticket.reason), 110)}`;
    default:
      return null;
  }
}

/** `deliveryZone (customers.js)`: the function and the file's own name. */
export function shortPlace(culprit: string): string {
  return plainText(culprit)
    .replace(/\((?:.*\/)?([^/()]+)\)$/, "($1)")
    .replace("<anonymous> ", "");
}

/** Whether nothing more will happen to the ticket without a person. */
export function isSettled(ticket: Ticket): boolean {
  return isClosed(ticket.state) || ticket.state === "escalated";
}

export function summaryTable(seen: readonly Seen[]): string {
  const rows = [...seen]
    .sort((a, b) => a.firstSeen - b.firstSeen || a.ticket.openedAt - b.ticket.openedAt)
    .map(({ ticket, where, firstSeen, approved, rolledBack }) => [
      ticket.id.slice(0, 8),
      where,
      clipped(plainText(ticket.title).replace(/^TypeError: /, ""), 58),
      ticket.severity,
      ticket.evidence?.grade ?? "–",
      approved ? "asked → approved" : rolledBack ? "auto → rolled back" : (ticket.gate?.verdict ?? "–"),
      ticket.state,
      ticket.state === "healed" && ticket.closedAt !== null
        ? `${((ticket.closedAt - firstSeen) / 1000).toFixed(0)} s`
        : "–",
    ]);
  return textTable(
    ["TICKET", "WHERE", "ROOT CAUSE", "SEVERITY", "EVIDENCE", "DECISION", "STATE", "CRASH → HELD"],
    rows,
  );
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
