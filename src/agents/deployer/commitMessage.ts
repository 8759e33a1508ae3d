import { type ReceiptLine, receiptOf } from "../../domain/receipt.ts";
import type { TicketCost } from "../../domain/spend.ts";
import { propertyOf, safeName, safePath, subjectOf } from "../../domain/subject.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** Characters of a subject line; git shows about this many. */
const SUBJECT = 72;

/**
 * The commit message of a Patch: the ticket's receipt without a word that an Event or a model said. It has types, places,
 * names that the code has, what programs observed, and who decided; messages are only on the ticket's page. Made only of
 * what is final on the ticket once it is decided, so that a restart writes the same commit again.
 */
export function commitMessage(ticket: Ticket, cost: TicketCost | null = null): string {
  const { prepared: _, ...own } = ticket;
  const { parts, notChecked, grade, patchDigest } = receiptOf(withoutStrangersNames(own), { cost });
  const head = `fix(${ticket.service}): `;
  const property = propertyOf(ticket);
  const [first, ...observed] = parts.evidence;
  const blocks = [
    head + oneLine(subjectOf(ticket), SUBJECT - head.length),
    joinBlocks(inLines(parts.cause), property === null ? "" : `Property: ${property}`),
    inLines(parts.change),
    inLines(parts.rejected),
    joinBlocks(
      inLines(first === undefined ? [] : [first]),
      inLines([...observed, ...parts.tests], "- "),
      unchecked(notChecked.filter((name) => PLAIN.test(name))),
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

/** The ticket without paths and names that do not have the form of one. */
function withoutStrangersNames(ticket: Ticket): Ticket {
  const { plan, patch, surroundings } = ticket;
  const places = (plan?.places ?? []).flatMap(({ function: name, ...place }) => {
    if (safePath(place.file) === null) return [];
    const safe = safeName(name);
    return [safe === null ? place : { ...place, function: safe }];
  });
  const callers = (surroundings?.callers ?? []).filter(({ name }) => safeName(name) !== null);
  return {
    ...ticket,
    plan: plan && { ...plan, places },
    patch: patch && {
      ...patch,
      by: PLAIN.test(patch.by) ? patch.by : "unknown",
      files: patch.files.map((file) => safePath(file) ?? "a file with an unusual name"),
    },
    ...(surroundings && { surroundings: { ...surroundings, callers } }),
  };
}

/** Names of authors and of checks: `rules:optionalChaining`, `model:name`, `person:ann`. */
const PLAIN = /^[\p{L}\d][\p{L}\d:._/+ -]{0,99}$/u;

function joinBlocks(...blocks: string[]): string {
  return blocks.filter((block) => block !== "").join("\n");
}

function unchecked(names: readonly string[]): string {
  return names.length === 0 ? "" : `- not checked: ${names.map((name) => oneLine(name, 120)).join(", ")}`;
}

function inLines(lines: readonly ReceiptLine[], before = ""): string {
  return lines
    .flatMap((line) => inText(before === "" ? line : { ...line, label: small(line.label) }) ?? [])
    .map((text) => before + text)
    .join("\n");
}

/** The label with a lower-case initial, for use inside a list. */
function small(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}

/** What programs said, and code. Quoted texts and outputs stay on the ticket's page: a line of nothing else is left out. */
function inText({ label, said, code }: ReceiptLine): string | null {
  const words = [said, code].filter((part) => part !== undefined).join(": ");
  return words === "" ? null : `${oneLine(label, 120)}: ${oneLine(words, 700)}`;
}

/**
 * Text on one line, so that it cannot start a trailer. Names and code of the repository may have the signs that code
 * hosts act on; they are left out (`[skip ci]`, `fixes #1`, `@name`).
 */
function oneLine(text: string, max: number): string {
  const whole = withoutSigns(text).replace(/\s+/g, " ").trim();
  return whole.length <= max ? whole : `${whole.slice(0, max - 1).trimEnd()}…`;
}

function withoutSigns(text: string): string {
  return text.replace(/[[\]]/g, (sign) => (sign === "[" ? "(" : ")")).replace(/[#@]/g, "");
}
