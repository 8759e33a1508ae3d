import { plainText } from "../../domain/plainText.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import type { Paint } from "../colors.ts";
import { clipped, textTable } from "../textTable.ts";
import { type Bug, type Reply, SOAK_MS } from "./shop.ts";

/** The soak window in words. */
export const SOAK = `${SOAK_MS / 1000} s`;

/** What the demo observed of one ticket since its first exception. */
export interface Seen {
  ticket: Ticket;
  /** `function (file)` of the crash, in short form. */
  where: string;
  /** The base commit on which the Patch was first proven; null before that. */
  provenOn: string | null;
  /** When the first Event of its Issues was received, in milliseconds since the epoch. */
  firstSeen: number;
  /** Whether a person (here the demo, through the public API) approved the Patch. */
  approved: boolean;
  /** Whether a deployment of the Patch was rolled back. */
  rolledBack: boolean;
}

/** One line of progress: the time, the ticket and what was observed. null for steps that are not worth a line. */
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

/** Shortens a culprit to the function and the file name: `deliveryZone (customers.js)`. */
export function shortPlace(culprit: string): string {
  return plainText(culprit)
    .replace(/\((?:.*\/)?([^/()]+)\)$/, "($1)")
    .replace("<anonymous> ", "");
}

/** Whether nothing more happens to the ticket without a person. */
export function isSettled(ticket: Ticket): boolean {
  return isClosed(ticket.state) || ticket.state === "escalated";
}

/** The table at the end of the demo: one row per ticket, in the order of the first crash. */
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

/** Differences from the expected results, as traffic and tickets show them. Empty if there are none. */
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
