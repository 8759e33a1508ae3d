import { type ReceiptLine, receiptOf } from "../../domain/receipt.ts";
import type { TicketCost } from "../../domain/spend.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** Characters of a subject line; git shows about this many. */
const SUBJECT = 72;

/**
 * The commit message of a Patch: the ticket's receipt in plain text. A commit leaves the machine, so it holds only
 * selfheal's own words: types, places, property names, numbers, how commands ended. What an Event, a model, a person or
 * a test said stays on the ticket. Made only of what is final on the ticket once it is decided, so that a restart writes
 * the same commit again.
 */
export function commitMessage(ticket: Ticket, cost: TicketCost | null = null): string {
  const { prepared: _, ...own } = ticket;
  const { parts: all, notChecked, grade, patchDigest } = receiptOf(own, { cost });
  const parts = mapValues(all, ownWords);
  const head = `fix(${ticket.service}): `;
  const [first, ...observed] = parts.evidence;
  const blocks = [
    head + oneLine(subjectOf(ticket), SUBJECT - head.length),
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

/** A name as it is written in code. Anything else in its place is text that somebody made up. */
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]{0,60}$/u;
const TYPE = /^[\p{L}_$][\p{L}\p{N}_$.]{0,60}(?=:|$)/u;

/** `TypeError reading city in total (src/cart.js)`: type, property and place, each only in the form of a name. */
function subjectOf({ title, plan, surroundings }: Ticket): string {
  const type = TYPE.exec(title)?.[0] ?? "exception";
  const [place] = plan?.places ?? [];
  const property = /\(reading '([^']+)'\)/.exec(title)?.[1] ?? "";
  // A property that is not in the crashing lines is no property of this code.
  const known = NAME.test(property) && surroundings?.cited.some(({ text }) => text.includes(property)) === true;
  const where = place === undefined ? "" : ` in ${functionName(place.function) ?? "the code"} (${place.file})`;
  return `${type}${known ? ` reading ${property}` : ""}${where}`;
}

/** The last part of a function's name; null if it has not the form of a name. */
function functionName(name: string | undefined): string | null {
  const last = name?.split(".").at(-1) ?? "";
  return NAME.test(last) ? last : null;
}

/** The lines in selfheal's own words. */
function ownWords(lines: readonly ReceiptLine[]): ReceiptLine[] {
  return lines.flatMap(({ label, said, code }) => {
    if (said === undefined && code === undefined) return [];
    const place = label === "Where" && said !== undefined ? said.replace(/ .*$/s, "") : said;
    return [{ label, ...(place !== undefined && { said: place }), ...(code !== undefined && { code }) }];
  });
}

function mapValues<K extends string, T, U>(record: Readonly<Record<K, T>>, change: (value: T) => U): Record<K, U> {
  return Object.fromEntries(Object.entries<T>(record).map(([key, value]) => [key, change(value)])) as Record<K, U>;
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
