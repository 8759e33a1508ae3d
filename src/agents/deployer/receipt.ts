import { describeEnd, type Evidence, type Observation } from "../../domain/evidence.ts";
import { plainText } from "../../domain/plainText.ts";
import { describeCost, type TicketCost } from "../../domain/spend.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** Git shows about this much of a subject line. */
const SUBJECT = 72;

/**
 * The message of a fix's commit: what was wrong, what was observed, who decided, how to go back, what nobody checked.
 * Made only of what stands on the ticket once it is decided, so that a restart writes the same commit again.
 */
export function receipt(ticket: Ticket, cost: TicketCost | null = null): string {
  const end = cost === null ? decided(ticket) : `${decided(ticket)}\nCost: ${oneLine(describeCost(cost), 300)}`;
  const parts = [subject(ticket), cause(ticket), change(ticket), observed(ticket), end, trailers(ticket)];
  return `${parts.join("\n\n")}\n`;
}

function subject(ticket: Ticket): string {
  const head = `fix(${ticket.service}): `;
  return head + oneLine(ticket.title, SUBJECT - head.length);
}

function cause(ticket: Ticket): string {
  const place = ticket.plan?.places[0];
  const culprit = ticket.plan?.culprits[0];
  const where = place === undefined ? "" : ` ${place.function ?? ""}`.trimEnd();
  return lines([
    `Cause: ${oneLine(ticket.rootCause, 400)}`,
    place === undefined ? null : `Where: ${oneLine(`${place.file}:${place.line}${where}`, 200)}`,
    culprit === undefined
      ? null
      : `Culprit: ${culprit.commit.slice(0, 12)} ${oneLine(culprit.subject, 120)} (${oneLine(culprit.why, 120)})`,
    `Severity: ${ticket.severity}; ${ticket.issueIds.length} issue(s); trust tier ${ticket.trustTier}`,
  ]);
}

function change({ patch }: Ticket): string {
  if (patch === null) return "Change: none";
  return lines([
    `Change: ${oneLine(patch.explanation, 400)}`,
    `By: ${oneLine(patch.by, 100)}`,
    `Files (+${patch.addedLines} -${patch.removedLines}): ${patch.files.map((file) => oneLine(file, 200)).join(", ")}`,
  ]);
}

function observed({ evidence, review }: Ticket): string {
  if (evidence === null) return "Evidence: none, nothing was run";
  const findings = review?.findings.map((finding) => oneLine(finding.rule, 60)) ?? [];
  const found = findings.length === 0 ? "nothing found" : [...new Set(findings)].join(", ");
  return lines([
    `Evidence: ${evidence.grade}, in sandbox ${evidence.sandbox}`,
    ...runs(evidence),
    `- security review: ${review === null ? "none" : `${found} (${review.by.join(", ")})`}`,
    listed("- short of", evidence.shortfalls),
    listed("- not checked", [...evidence.notChecked, ...(review?.unavailable ?? [])]),
  ]);
}

function runs(evidence: Evidence): string[] {
  return [
    `- reproduction: ${bothOf(evidence.reproductionBase, evidence.reproductionPatch)}`,
    `- test suite: ${bothOf(evidence.suiteBase, evidence.suitePatch)}`,
    `- build: ${bothOf(null, evidence.buildPatch)}`,
  ];
}

function bothOf(base: Observation | null, patch: Observation | null): string {
  const seen = [base, patch].flatMap((o) => (o === null ? [] : [`${describeEnd(o.end)} on the ${o.on}`]));
  const command = (patch ?? base)?.command ?? "";
  return seen.length === 0 ? "not run" : `${seen.join(", ")}: ${plainText(command).replace(/\s+/g, " ").slice(0, 200)}`;
}

function decided(ticket: Ticket): string {
  const approval = ticket.decisions.findLast((d) => d.type === "approve" && d.patchDigest === ticket.patch?.digest);
  const missing = ticket.gate?.missing ?? [];
  const by =
    approval === undefined
      ? nobodyYet(ticket)
      : `${oneLine(approval.by, 100)}${missing.length === 0 ? "" : `, asked because of ${missing.join(", ")}`}`;
  return lines([
    `Decided by: ${by}`,
    `Roll back: revert this commit, or deploy ${ticket.patch?.baseCommit ?? "its parent"} again`,
  ]);
}

/** Written before a person was asked, it cannot name them: the ticket does. */
function nobodyYet({ gate }: Ticket): string {
  if (gate?.verdict !== "ask") return "the gate, without a person";
  return `a person, asked because of ${gate.missing.join(", ")}; who it was is on the ticket`;
}

function trailers(ticket: Ticket): string {
  return lines([
    `Selfheal-Ticket: ${ticket.id}`,
    `Selfheal-Patch: ${ticket.patch?.digest ?? "none"}`,
    `Selfheal-Evidence: ${ticket.evidence?.grade ?? "none"}`,
  ]);
}

function listed(what: string, names: readonly string[]): string | null {
  return names.length === 0 ? null : `${what}: ${names.map((name) => oneLine(name, 120)).join(", ")}`;
}

function lines(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join("\n");
}

/**
 * Text that may come from an Event or a model, on one line: it can start no trailer. Without the signs that code hosts act
 * on (`[skip ci]`, `fixes #1`, `@name`).
 */
function oneLine(text: string, max: number): string {
  const signs = plainText(text).replace(/[[\]]/g, (sign) => (sign === "[" ? "(" : ")"));
  const whole = signs.replace(/[#@]/g, "").replace(/\s+/g, " ").trim();
  return whole.length <= max ? whole : `${whole.slice(0, max - 1).trimEnd()}…`;
}
