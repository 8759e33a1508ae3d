import { describeDuration } from "../domain/duration.ts";
import { describeEnd, type Evidence, type Observation } from "../domain/evidence.ts";
import { plainText, revealed } from "../domain/plainText.ts";
import { type ReceiptLine, receiptOf } from "../domain/receipt.ts";
import { type Activity, barsOf } from "../domain/recentEvents.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { Paint } from "./colors.ts";
import type { Receipt } from "./restClient.ts";
import { utcTime } from "./textTable.ts";

const LABEL_WIDTH = 13;

/** Renders a ticket as a receipt for a terminal: the problem, the Evidence, the decisions and the diff. */
export function renderReceipt(receipt: Receipt, paint: Paint): string {
  const { ticket, issues, diff, deployment: d, audit } = receipt;
  const { parts } = receiptOf(ticket, { deployment: d, cost: receipt.cost ?? null });
  const events = issues.reduce((sum, issue) => sum + issue.count, 0);
  return lines([
    paint("bold", plainText(ticket.title)),
    paint("dim", `ticket ${ticket.id}`),
    row("Service", `${plainText(ticket.service)}, severity ${ticket.severity}, trust ${ticket.trustTier}`),
    row("State", plainText(ticket.reason === "" ? ticket.state : `${ticket.state}: ${ticket.reason}`)),
    issues.length > 0 &&
      row("Seen", `${events} events in ${issues.length} issues; opened ${utcTime(ticket.openedAt)} UTC`),
    ...(receipt.activity === undefined ? [] : activityRows(receipt.activity)),
    ticket.cascade !== undefined &&
      row("Incident", `${ticket.cascade.length} more issues came up with it, and wait for this ticket`),
    ticket.origin !== undefined &&
      row("Origin", plainText(`service ${ticket.origin.service}, issue ${ticket.origin.issueId}, by traces`)),
    ...partRows(parts.cause),
    ...partRows(parts.rejected),
    ...proof(ticket, paint),
    ticket.applied != null && row("Applied", plainText(appliedWords(ticket.applied))),
    ...partRows(parts.tests),
    ...partRows(parts.reach),
    ...partRows(parts.rollback),
    ...partRows(parts.cost),
    d !== null && row("Deployment", plainText(`${d.state} on ${d.branch} at ${d.commit.slice(0, 8)} ${d.reason}`)),
    ...ticket.decisions.map((said) => row("Answered", plainText(`${said.by}: ${said.type} ${said.message}`))),
    ticket.approval !== null && `\n${renderQuestion(receipt, paint)}`,
    diff !== null && `\n${colouredDiff(diff, paint)}`,
    audit.length > 0 && paint("bold", "\nTimeline (UTC)"),
    ...audit.map((entry) => `${utcTime(entry.at)}  ${entry.kind.padEnd(22)}  ${plainText(entry.actor)}`),
  ]);
}

const RELEASES = 5;

function activityRows({ minutes, releases }: Activity): (string | false)[] {
  const events = minutes.reduce((sum, n) => sum + n, 0);
  const told = releases.slice(0, RELEASES).map((one, i) => {
    const words = `${plainText(one.release)}: ${one.events} events, ${utcTime(one.firstSeen)} to ${utcTime(one.lastSeen)} UTC`;
    return row(i === 0 ? "Releases" : "", words);
  });
  const more = releases.length > RELEASES && row("", `and ${releases.length - RELEASES} more`);
  return [events > 0 && row("Last hour", `${events} events ${barsOf(minutes)}`), ...told, more];
}

function appliedWords({ commit, by, as }: NonNullable<Ticket["applied"]>): string {
  return `${commit.slice(0, 12)} by ${by}, ${as === "proposed" ? "as proposed" : "edited"}`;
}

/** Prints a label only once for consecutive lines that share it. */
function partRows(part: readonly ReceiptLine[]): string[] {
  return part.map(({ label, said = "", code = "", quote = "" }, i) => {
    const words = [said, code, quote].filter((one) => one !== "").map(plainText);
    return row(part[i - 1]?.label === label ? "" : label, words.join(" "));
  });
}

/** Renders the open question of a ticket: the Patch digest, its Evidence, and why a person is needed. */
export function renderQuestion({ ticket }: Receipt, paint: Paint): string {
  const { approval, evidence } = ticket;
  if (approval === null) return "";
  return lines([
    paint("yellow", `Waiting for a person: ${approval.kind} (ticket ${ticket.id.slice(0, 8)})`),
    approval.patchDigest !== null && row("Patch", approval.patchDigest),
    approval.branch !== undefined && row("Branch", plainText(approval.branch)),
    row("Evidence", evidence?.grade ?? "none"),
    ...approval.reasons.map((reason) => row("Because", plainText(reason))),
    row("Answers", approval.allowed.join(", ")),
  ]);
}

/** The rows for Patch, Evidence, Review and gate. */
function proof({ patch, prepared, evidence, review, gate }: Ticket, paint: Paint): (string | false)[] {
  return [
    patch !== null &&
      row(
        "Patch",
        `${patch.digest.slice(0, 12)} by ${plainText(patch.by)}: ${patch.files.length} files, +${patch.addedLines} −${patch.removedLines}`,
      ),
    prepared !== undefined && row("Branch", plainText(`${prepared.branch} at ${prepared.commit.slice(0, 12)}`)),
    ...(evidence === null ? [] : observed(evidence, paint)),
    review !== null &&
      row(
        "Review",
        review.findings.length === 0
          ? `clean (${plainText(review.by.join(", "))})`
          : `${review.findings.length} findings`,
      ),
    ...(review?.findings ?? []).map((f) =>
      row("", plainText(`${f.weight} ${f.rule} ${f.path}:${f.line} ${f.message}`)),
    ),
    ...(review?.unavailable ?? []).map((name) => row("", `could not run: ${plainText(name)}`)),
    gate !== null && row("Gate", plainText([gate.verdict, ...gate.missing, ...gate.refusedBy].join(", "))),
  ];
}

function observed(evidence: Evidence, paint: Paint): (string | false)[] {
  const seen = (label: string, observation: Observation | null): string | false => {
    if (observation === null) return false;
    const { end } = observation;
    const mark = end.kind === "exit" && end.code === 0 ? paint("green", "✓") : paint("red", "✗");
    const what = `${describeEnd(end)} in ${describeDuration(observation.durationMs)}`;
    return row("", `${mark} ${label}: ${what}  ${paint("dim", plainText(observation.command))}`);
  };
  return [
    row("Evidence", `${paint("bold", evidence.grade)} in sandbox ${evidence.sandbox}`),
    seen("reproduction on base", evidence.reproductionBase),
    seen("reproduction on patch", evidence.reproductionPatch),
    seen("suite on base", evidence.suiteBase),
    seen("suite on patch", evidence.suitePatch),
    seen("build on patch", evidence.buildPatch),
    evidence.infrastructure !== null && row("", `tools failed: ${plainText(evidence.infrastructure)}`),
    ...evidence.shortfalls.map((name) => row("", `falls short: ${plainText(name)}`)),
    ...evidence.notChecked.map((name) => row("", `not checked: ${plainText(name)}`)),
  ];
}

function colouredDiff(diff: string, paint: Paint): string {
  return revealed(diff)
    .trimEnd()
    .split("\n")
    .map((line) => {
      if (/^(diff --git |--- |\+\+\+ )/.test(line)) return paint("bold", line);
      if (line.startsWith("@@")) return paint("cyan", line);
      if (line.startsWith("+")) return paint("green", line);
      return line.startsWith("-") ? paint("red", line) : line;
    })
    .join("\n");
}

function row(label: string, text: string): string {
  const start = label.length < LABEL_WIDTH ? label.padEnd(LABEL_WIDTH) : `${label}: `;
  return `${start}${text.replaceAll("\n", `\n${" ".repeat(LABEL_WIDTH)}`)}`;
}

function lines(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join("\n");
}
