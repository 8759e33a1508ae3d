import { isIPv4, isIPv6 } from "node:net";
import type { PersonalData } from "../../domain/privacy.ts";
import { redactRandomRuns } from "./randomRuns.ts";
import { BUILT_IN, maskEmail, maskIPv4, maskIPv6, type Redaction } from "./redactionConfig.ts";
import { type Assignments, redactAssignments } from "./secretAssignments.ts";
import { PRIVATE_KEY, SENSITIVE_PATTERNS } from "./sensitivePatterns.ts";
import { redactSpoken } from "./spokenSecrets.ts";

/** Characters that were searched: the measure of the work. A text counts again with each round. */
export interface ScanMeter {
  scanned: number;
}

/** What a search costs besides its characters, in characters. */
const PER_SEARCH = 16;

/**
 * Removes terminal codes and control and invisible characters, and replaces secrets and personal data by
 * `[scrubbed:kind]`. Idempotent. Every pattern is linear: a match starts only where a run of its characters starts.
 */
export function redactText(
  text: string,
  assignments: Assignments = "all",
  redaction: Redaction = BUILT_IN,
  meter: ScanMeter = { scanned: 0 },
): string {
  const known = redaction.clean[assignments];
  if (known.has(text)) return text;
  let current = visible(text);
  // A replacement can create another match at its edge. Three rounds were always enough.
  for (let round = 0; round < 8; round++) {
    meter.scanned += current.length + PER_SEARCH;
    const next = redactOnce(current, assignments, redaction);
    if (next === current) break;
    current = next;
  }
  if (current === text) known.add(text);
  return current;
}

function redactOnce(text: string, assignments: Assignments, redaction: Redaction): string {
  // The longest matches first: a private key is replaced as a whole, and so is the value of a name, whatever its parts
  // look like.
  const own = withoutPatterns(text.replace(PRIVATE_KEY, "[scrubbed:private-key]"), redaction);
  let current = redactAssignments(own, assignments, redaction.isDenied);
  for (const { kind, pattern, accept, has } of SENSITIVE_PATTERNS) {
    // Most texts contain none of these parts. Searching for them is many times cheaper than the pattern.
    if (!has.some((part) => current.includes(part))) continue;
    if (kind === "email" && redaction.emails !== "drop") {
      if (redaction.emails === "mask") current = current.replace(pattern, maskEmail);
      continue;
    }
    current = current.replace(pattern, (...groups: unknown[]) => {
      const whole = String(groups[0]);
      return accept === undefined || accept(whole) ? `${prefixOf(groups)}[scrubbed:${kind}]` : whole;
    });
  }
  if (assignments === "all") current = redactSpoken(current);
  return redactNumbers(redactRandomRuns(current, assignments === "all" ? "text" : "code"), redaction.ipAddresses);
}

/** No field of an Event is longer than this, in characters. The rest would be cut anyway. */
const MAX_SEARCHED = 100_000;

function withoutPatterns(text: string, { patterns }: Redaction): string {
  if (patterns.length === 0) return text;
  return patterns.reduce((current, { mark, regex }) => current.replace(regex, mark), text.slice(0, MAX_SEARCHED));
}

/** The part of a match that stays: its first group, if the pattern has one. */
function prefixOf(groups: readonly unknown[]): string {
  return typeof groups[1] === "string" ? groups[1] : "";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed.
const TERMINAL = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*\u0007?)/g;
/** Control characters except tab and newline; soft hyphen, zero-width, bidi, variation selectors, tag characters. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex lint/suspicious/noMisleadingCharacterClass: these are what is to be removed.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}]/gu;

/** Keeps only visible and well-formed text. A lone surrogate is replaced, because no store would preserve it. */
function visible(text: string): string {
  return /^[\t\n -~]*$/.test(text)
    ? text
    : text
        .replace(/\p{Surrogate}/gu, "\ufffd")
        .replace(TERMINAL, "")
        .replace(INVISIBLE, "");
}

/** Redacts card numbers and IP addresses: runs of digits for which a pattern is not enough. */
function redactNumbers(text: string, addresses: PersonalData): string {
  if (!/\d/.test(text)) return text;
  const current = text.replace(/(?<!\d)\d(?:[ -]?\d){12,}/g, redactCards);
  if (addresses === "keep") return current;
  const isMasked = addresses === "mask";
  return current
    .replace(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/g, (found) =>
      isIPv4(found) && !/^127\.|^0\.0\.0\.0$/.test(found) ? (isMasked ? maskIPv4(found) : "[scrubbed:ip]") : found,
    )
    .replace(/(?<![\w:.])[0-9A-Fa-f:]{4,39}(?![\w:])/g, (found) =>
      /\d/.test(found) && found.split(":").length > 2 && isIPv6(found)
        ? isMasked
          ? maskIPv6(found)
          : "[scrubbed:ip]"
        : found,
    );
}

/**
 * Replaces each card number that starts and ends at a group of digits. Issuer prefix, length and Luhn checksum identify
 * it.
 */
function redactCards(run: string): string {
  const groups = run.split(/([ -])/);
  const out: string[] = [];
  for (let first = 0; first < groups.length; ) {
    const last = cardEnd(groups, first);
    out.push(last === null ? (groups[first] ?? "") : "[scrubbed:card]", groups[(last ?? first) + 1] ?? "");
    first = (last ?? first) + 2;
  }
  return out.join("");
}

/** The index of the last group of the card number that starts at group `first`; null if none starts there. */
function cardEnd(groups: readonly string[], first: number): number | null {
  let digits = "";
  for (let last = first; last < groups.length && digits.length < 19; last += 2) {
    digits += groups[last] ?? "";
    if (digits.length >= 13 && isCard(digits)) return last;
  }
  return null;
}

function isCard(digits: string): boolean {
  if (
    !/^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{15,18})$/.test(digits)
  ) {
    return false;
  }
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
