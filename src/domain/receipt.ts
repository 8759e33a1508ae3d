import type { Deployment } from "./deployment.ts";
import { describeEnd, type Evidence, type Observation } from "./evidence.ts";
import { plainText } from "./plainText.ts";
import { describeCost, type TicketCost } from "./spend.ts";
import type { Ticket } from "./ticket.ts";

/**
 * One line of a receipt. `said` is selfheal's own text: names, numbers, how commands ended. `quote` and `block` are
 * texts of others (Events, models, people, tests): a renderer must escape them and mark them as quoted. `code` is code
 * or a command.
 */
export interface ReceiptLine {
  label: string;
  said?: string;
  quote?: string;
  code?: string;
  block?: string;
}

/** The parts of a receipt in reading order. */
export const RECEIPT_PARTS = [
  "cause",
  "change",
  "rejected",
  "evidence",
  "tests",
  "reach",
  "decision",
  "rollback",
  "cost",
] as const;
export type ReceiptPart = (typeof RECEIPT_PARTS)[number];

/** What is known about a ticket and its Patch. Every line is an observation or a quoted statement. */
export interface Receipt {
  ticketId: string;
  service: string;
  /** Untrusted: the title comes from the Event. */
  title: string;
  state: Ticket["state"];
  grade: Evidence["grade"] | null;
  patchDigest: string | null;
  parts: Record<ReceiptPart, ReceiptLine[]>;
  /** Names of what was not checked. */
  notChecked: string[];
}

/** Facts for a receipt that the ticket does not contain. */
export interface ReceiptExtras {
  deployment?: Deployment | null;
  /** Cost of the model calls. Absent: the cost was not looked up, and the receipt shows only the ticket's tokens. */
  cost?: TicketCost | null;
}

const MAX_REJECTED = 12;

/** Builds the receipt from the ticket and `more`. It reads nothing else. */
export function receiptOf(ticket: Ticket, more: ReceiptExtras = {}): Receipt {
  return {
    ticketId: ticket.id,
    service: ticket.service,
    title: line(ticket.title, 300),
    state: ticket.state,
    grade: ticket.evidence?.grade ?? null,
    patchDigest: ticket.patch?.digest ?? null,
    parts: {
      cause: causeOf(ticket),
      change: changeOf(ticket),
      rejected: rejectedOf(ticket),
      evidence: evidenceOf(ticket),
      tests: testsPart(ticket),
      reach: reachOf(ticket),
      decision: decisionOf(ticket, more.deployment ?? null),
      rollback: rollbackOf(ticket, more.deployment ?? null),
      cost: costOf(ticket, more),
    },
    notChecked: notCheckedOf(ticket),
  };
}

function causeOf(ticket: Ticket): ReceiptLine[] {
  const { plan, surroundings } = ticket;
  const cited = surroundings?.cited ?? [];
  const places = (plan?.places ?? []).slice(0, 5).map((place): ReceiptLine => {
    const text = cited.find((c) => c.file === place.file && c.line === place.line)?.text;
    const where = `${line(place.file, 200)}:${place.line}`;
    return {
      label: "Where",
      said: place.function === undefined ? where : `${where} ${line(place.function, 80)}`,
      ...(text !== undefined && { code: line(text, 200) }),
    };
  });
  const culprits = (plan?.culprits ?? []).slice(0, 3).map((culprit): ReceiptLine => {
    const words = `${line(culprit.subject, 120)} (${line(culprit.why, 120)})`;
    return { label: "Culprit", said: line(culprit.commit.slice(0, 12), 12), quote: words };
  });
  return [
    { label: "Cause", quote: line(plan?.rootCause ?? ticket.rootCause, 400) },
    ...places,
    ...culprits,
    {
      label: "Severity",
      said: `${ticket.severity}; ${ticket.issueIds.length} issue(s); trust tier ${ticket.trustTier}`,
    },
  ];
}

function changeOf({ patch, plan }: Ticket): ReceiptLine[] {
  if (patch === null) {
    const why: ReceiptLine[] = plan === null ? [] : [{ label: "Because", quote: line(plan.reason, 400) }];
    const mind = plan?.wouldChangeMind;
    return [
      { label: "Change", said: "none" },
      ...why,
      ...(mind === undefined ? [] : [{ label: "What would change that", quote: line(mind, 400) }]),
    ];
  }
  return [
    { label: "Change", quote: line(patch.explanation, 400) },
    { label: "By", said: line(patch.by, 100) },
    {
      label: `Files (+${patch.addedLines} -${patch.removedLines})`,
      said: patch.files.map((file) => line(file, 200)).join(", "),
    },
  ];
}

/** Earlier Patches that were tested, and candidates that a coder rejected. */
function rejectedOf({ attempts, patch }: Ticket): ReceiptLine[] {
  const found = attempts.flatMap((attempt): ReceiptLine[] => {
    const own = attempt.patch !== null && attempt.patch.digest !== patch?.digest;
    const tested = own
      ? [
          {
            label: `Attempt ${attempt.number}`,
            said: line(attempt.patch?.by ?? "", 100),
            quote: line(attempt.outcome, 200),
          },
        ]
      : [];
    return [...tested, ...attempt.rejected.map((words) => ({ label: "Turned down", quote: line(words, 200) }))];
  });
  const left = found.length - MAX_REJECTED;
  return left > 0 ? [...found.slice(0, MAX_REJECTED), { label: "And", said: `${left} more` }] : found;
}

function evidenceOf({ evidence, review }: Ticket): ReceiptLine[] {
  if (evidence === null) return [{ label: "Evidence", said: "none, nothing was run" }];
  const findings = [...new Set((review?.findings ?? []).map((finding) => line(finding.rule, 60)))];
  const found = findings.length === 0 ? "nothing found" : findings.join(", ");
  return [
    { label: "Evidence", said: `${evidence.grade}, in sandbox ${evidence.sandbox}` },
    ...(evidence.infrastructure === null
      ? []
      : [{ label: "Nothing learned", quote: line(evidence.infrastructure, 300) }]),
    bothOf("Reproduction", evidence.reproductionBase, evidence.reproductionPatch),
    ...outputOf("Red, on the base", evidence.reproductionBase),
    ...outputOf("Green, on the patch", evidence.reproductionPatch),
    bothOf("Test suite", evidence.suiteBase, evidence.suitePatch),
    bothOf("Build", null, evidence.buildPatch),
    {
      label: "Security review",
      said: review === null ? "none" : `${found} (${review.by.map((by) => line(by, 60)).join(", ")})`,
    },
    ...(evidence.shortfalls.length === 0
      ? []
      : [{ label: "Short of", said: evidence.shortfalls.map((name) => line(name, 60)).join(", ") }]),
  ];
}

/** Differences between base and Patch: numbers and names. */
function testsPart({ evidence }: Ticket): ReceiptLine[] {
  if (evidence === null) return [];
  return [
    ...testsOf(evidence),
    ...checkOf("Type check", evidence.typeCheck),
    ...checkOf("Lint", evidence.lint),
    ...coverageOf(evidence),
  ];
}

function bothOf(label: string, base: Observation | null, patch: Observation | null): ReceiptLine {
  const ends = [base, patch].flatMap((o) => (o === null ? [] : [`${line(describeEnd(o.end), 120)} on the ${o.on}`]));
  if (ends.length === 0) return { label, said: "not run" };
  return { label, said: ends.join(", "), code: line((patch ?? base)?.command ?? "", 200) };
}

function outputOf(label: string, seen: Observation | null): ReceiptLine[] {
  const block = seen === null ? "" : shortOutput(seen.tail);
  return block === "" ? [] : [{ label, block }];
}

const MAX_NAMES = 10;

/** Counts of the suite on base and Patch, and the tests that differ. */
function testsOf({ suiteTests: tests }: Evidence): ReceiptLine[] {
  if (!tests) return [];
  const counts = (of: typeof tests.base) => `${of.passed} passed, ${of.failed} failed, ${of.skipped} skipped`;
  const after = tests.patch === null ? "" : `; ${counts(tests.patch)} on the patch`;
  const names = (label: string, list: readonly string[]) => [
    ...list.slice(0, MAX_NAMES).map((name): ReceiptLine => ({ label, quote: line(name, 200) })),
    ...(list.length > MAX_NAMES ? [{ label, said: `and ${list.length - MAX_NAMES} more` }] : []),
  ];
  return [
    { label: "Tests", said: `${counts(tests.base)} on the base${after}` },
    ...names(
      "Broken test",
      tests.broken.map((test) => test.name),
    ),
    ...names("Missing test", tests.missing),
    ...names("Mended test", tests.mended),
    ...names("Failed before and still", tests.stillFailing),
  ];
}

function checkOf(label: string, pair: Evidence["lint"]): ReceiptLine[] {
  if (!pair) return [];
  const both = bothOf(label, pair.base, pair.patch);
  return [{ ...both, said: `${pair.newFaults} new faults; ${both.said ?? ""}` }];
}

function coverageOf({ changedLinesCovered: lines }: Evidence): ReceiptLine[] {
  return lines ? [{ label: "Changed lines that ran", said: `${lines.covered} of ${lines.total}` }] : [];
}

/** Callers of the changed functions, as a text search over the base finds them. */
function reachOf({ surroundings }: Ticket): ReceiptLine[] {
  return (surroundings?.callers ?? []).flatMap(({ name, places, more }): ReceiptLine[] => {
    const label = `Calls of ${line(name, 80)}`;
    if (places.length === 0) return [{ label, said: "none found by search" }];
    return [
      ...places.map((at) => ({ label, said: `${line(at.file, 200)}:${at.line}`, code: line(at.text, 160) })),
      ...(more > 0 ? [{ label, said: `and ${more} more` }] : []),
    ];
  });
}

function decisionOf(ticket: Ticket, deployment: Deployment | null): ReceiptLine[] {
  const { gate, decisions, patch } = ticket;
  const missing = gate?.missing.map((name) => line(name, 60)).join(", ") ?? "";
  const approval = decisions.findLast((d) => d.type === "approve" && d.patchDigest === patch?.digest);
  const refused = gate?.refusedBy.map((name) => line(name, 60)).join(", ") ?? "";
  const by = approval
    ? `${line(approval.by, 100)}${missing === "" ? "" : `, asked because of ${missing}`}`
    : byNobody(gate, missing, refused);
  return [
    { label: "Decided by", said: by },
    ...(deployment === null
      ? []
      : [
          {
            label: "Deployment",
            said: `${deployment.state}, commit ${deployment.commit.slice(0, 12)}`,
            quote: line(deployment.reason, 200),
          },
        ]),
  ];
}

/**
 * The decision without an approval. A receipt that is written before a person answers cannot name that person; the
 * ticket names them later.
 */
function byNobody(gate: Ticket["gate"], missing: string, refused: string): string {
  if (gate === null) return "nobody yet";
  if (gate.verdict === "refuse") return `the gate, which refused it: ${refused}`;
  if (gate.verdict === "auto") return "the gate, without a person";
  return `a person, asked because of ${missing}; who it was is on the ticket`;
}

/**
 * Exact commands for a rollback. A commit message cannot contain its own commit id, so the command finds the commit by
 * its `Selfheal-Patch` trailer.
 */
function rollbackOf({ patch, prepared }: Ticket, deployment: Deployment | null): ReceiptLine[] {
  if (patch === null) return [];
  const own = prepared?.patchDigest === patch.digest ? prepared.commit : undefined;
  const found = `$(git log -1 --format=%H --grep=Selfheal-Patch:.${patch.digest.slice(0, 16)})`;
  const commit = deployment?.commit ?? own ?? found;
  const before = deployment?.previousCommit ?? patch.baseCommit;
  return [
    { label: "Roll back", code: `git revert --no-edit ${line(commit, 120)}` },
    { label: "Or deploy again", said: line(before, 64) },
  ];
}

function costOf({ tokens, attempts }: Ticket, { cost = null }: ReceiptExtras): ReceiptLine[] {
  const spent = cost === null ? `${tokens} tokens` : line(describeCost(cost), 300);
  return [
    { label: "Cost", said: spent },
    { label: "Attempts", said: String(attempts.length) },
  ];
}

function notCheckedOf({ evidence, review }: Ticket): string[] {
  const names = [...(evidence?.notChecked ?? []), ...(review?.unavailable ?? [])];
  return [...new Set(names.map((name) => line(name, 120)))];
}

/** Untrusted text as one line of at most `max` characters, without invisible characters. */
function line(text: string, max: number): string {
  const whole = plainText(text).replace(/\s+/g, " ").trim();
  return whole.length <= max ? whole : `${whole.slice(0, max - 1).trimEnd()}…`;
}

const OUTPUT_LINES = 6;

/** The most informative lines of an output: those from the first line that names an error, or else the last lines. */
function shortOutput(output: string): string {
  const lines = plainText(output)
    .split("\n")
    .map((one) => one.replaceAll("\t", "  ").trimEnd().slice(0, 160))
    .filter((one) => one !== "");
  const error = lines.findIndex((one) => /^\s*(?:\w*(?:Error|Exception)\b|\*\* \()/.test(one));
  return (error === -1 ? lines.slice(-OUTPUT_LINES) : lines.slice(error, error + OUTPUT_LINES)).join("\n");
}
