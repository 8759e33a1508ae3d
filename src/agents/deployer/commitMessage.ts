import { type ReceiptLine, receiptOf } from "../../domain/receipt.ts";
import type { TicketCost } from "../../domain/spend.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** Characters of a subject line; git shows about this many. */
const SUBJECT = 72;

/**
 * The commit message of a Patch: the ticket's receipt in plain text, so that a reader of the history needs nothing
 * else. Made only of what is final on the ticket once it is decided, so that a restart writes the same commit again.
 */
export function commitMessage(ticket: Ticket, cost: TicketCost | null = null): string {
  const { prepared: _, ...own } = ticket;
  const { title, parts, notChecked, grade, patchDigest } = receiptOf(own, { cost });
  const head = `fix(${ticket.service}): `;
  const [first, ...observed] = parts.evidence;
  const blocks = [
    head + oneLine(title, SUBJECT - head.length),
    inLines(parts.cause),
    inLines(parts.change),
    inLines(parts.rejected),
    joinBlocks(
      inLines(first === undefined ? [] : [first]),
      inLines([...observed, ...parts.tests], "- "),
      unchecked(notChecked),
    ),
    inLines(parts.reach),
    joinBlocks(inLines(parts.decision), inLines(parts.rollback), inLines(parts.cost)),
    [
      `Selfheal-Ticket: ${ticket.id}`,
      `Selfheal-Patch: ${patchDigest ?? "none"}`,
      `Selfheal-Evidence: ${grade ?? "none"}`,
    ].join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function joinBlocks(...blocks: string[]): string {
  return blocks.filter((block) => block !== "").join("\n");
}

function unchecked(names: readonly string[]): string {
  return names.length === 0 ? "" : `- not checked: ${names.map((name) => oneLine(name, 120)).join(", ")}`;
}

function inLines(lines: readonly ReceiptLine[], before = ""): string {
  return lines.map((line) => before + inText(before === "" ? line : { ...line, label: small(line.label) })).join("\n");
}

/** The label with a lower-case initial, for use inside a list. */
function small(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}

/** Text by others follows the label, so that it begins no line. A block of several lines is indented. */
function inText({ label, said, code, quote, block }: ReceiptLine): string {
  const words = [[said, code].filter((part) => part !== undefined).join(": "), quote ?? ""];
  const lines = (block ?? "").split("\n").filter((one) => one !== "");
  const head = `${oneLine(label, 120)}: ${oneLine(words.filter((part) => part !== "").join(" "), 700)}`.trimEnd();
  return [head, ...lines.map((one) => `    ${withoutSigns(one)}`)].join("\n");
}

/**
 * Text that may come from an Event or a model, on one line, so that it cannot start a trailer. Without the signs that
 * code hosts act on (`[skip ci]`, `fixes #1`, `@name`).
 */
function oneLine(text: string, max: number): string {
  const whole = withoutSigns(text).replace(/\s+/g, " ").trim();
  return whole.length <= max ? whole : `${whole.slice(0, max - 1).trimEnd()}…`;
}

function withoutSigns(text: string): string {
  return text.replace(/[[\]]/g, (sign) => (sign === "[" ? "(" : ")")).replace(/[#@]/g, "");
}
