import { z } from "zod";
import { TrustTier } from "../domain/event.ts";
import { atLeast, Evidence, Finding, type Observation, Review, SandboxGrade } from "../domain/evidence.ts";
import { Patch } from "../domain/patch.ts";
import { Policy } from "../domain/service.ts";
import { Severity, type Verdict } from "../domain/ticket.ts";
import { isTestPath } from "./pathMatching.ts";

/** Two roll backs within a day open the breaker for every service (DESIGN §6, rails). */
export const BREAKER_OPENS_AT = 2;

const Count = z.number().int().nonnegative();

/** What happened before, and what stands now, as far as it bears on deploying without a person. */
export const Ledger = z.object({
  autoDeploysLastHour: Count,
  autoDeploysLastDay: Count,
  rollbacksLast24h: Count,
  /** Deployments on these Issues that failed or were rolled back. */
  earlierFailures: Count,
  /** How often these Issues came back after a fix. */
  recurrences: Count,
  /** A person said no to this very diff, or to another ticket on these Issues. */
  turnedDown: z.boolean(),
  tokensSpent: Count,
  paused: z.boolean(),
  /** It takes back what an earlier fix put in, or the other way round. */
  undoesFix: z.boolean(),
  /** The live commit and the branch do not contain one another. */
  liveDiverged: z.boolean(),
});
export type Ledger = z.infer<typeof Ledger>;

/** Everything the gate looks at. No text of an Event, and nothing that a brain says about itself. */
export const GateInput = z.object({
  severity: Severity,
  trustTier: TrustTier,
  /** An Event of T1 or better was seen for the same Fingerprint. */
  corroborated: z.boolean(),
  patch: Patch,
  evidence: Evidence.nullable(),
  review: Review.nullable(),
  /** What reviewDiff() found. */
  diffFindings: z.array(Finding),
  policy: Policy,
  ledger: Ledger,
});
export type GateInput = z.infer<typeof GateInput>;

export interface GateOutcome {
  verdict: Verdict;
  /** Names of unmet conditions; empty exactly for auto. */
  missing: string[];
  /** Names of the hard rules that were hit; non-empty exactly for refuse. */
  refusedBy: string[];
}

/** Each must hold for a deployment without a person. The names are stable: docs/gates.md says what to do about each. */
const CONDITIONS = {
  autonomyFull: ({ policy }) => policy.autonomy === "full",
  severityAutoDeployable: ({ policy, severity }) => policy.autoDeploySeverity.includes(severity),
  evidenceE2: ({ evidence }) => reproducedAndGone(evidence),
  patchMatchesEvidence: ({ evidence, patch }) =>
    evidence?.patchDigest === patch.digest && evidence.baseCommit === patch.baseCommit,
  noInfrastructureFailure: ({ evidence }) => evidence?.infrastructure === null,
  suitePassed: ({ policy, evidence }) =>
    !policy.requireTestsPass || (isGreen(evidence?.suiteBase) && isGreen(evidence?.suitePatch)),
  // Whoever writes both the test and the repair proves nothing to a program.
  inputCaptured: ({ policy, evidence }) =>
    evidence?.reproduction?.kind !== "modelTest" &&
    (policy.autoDeployConstructed || evidence?.reproduction?.origin !== "constructed"),
  noNewFaults: ({ evidence }) =>
    evidence !== null && (evidence.typeCheck?.newFaults ?? 0) === 0 && (evidence.lint?.newFaults ?? 0) === 0,
  changedLinesCovered: ({ policy, evidence }) => !policy.requireCoverage || allCovered(evidence),
  sandboxGrade: ({ policy, evidence }) => evidence !== null && confinedEnough(evidence.sandbox, policy.sandboxForAuto),
  reviewClean: ({ review, patch }) =>
    review?.patchDigest === patch.digest && review.findings.length === 0 && review.unavailable.length === 0,
  diffPolicyClean: ({ diffFindings }) => diffFindings.length === 0,
  trustTierAllowed: ({ trustTier, corroborated, evidence }) =>
    trustTier !== "T0" || corroborated || reproducedFromOutside(evidence),
  rateHour: ({ policy, ledger }) => ledger.autoDeploysLastHour < policy.maxAutoDeploysPerHour,
  rateDay: ({ policy, ledger }) => ledger.autoDeploysLastDay < policy.maxAutoDeploysPerDay,
  tokenBudget: ({ policy, ledger }) => ledger.tokensSpent <= policy.maxTokensPerTicket,
  breakerClosed: ({ ledger }) => ledger.rollbacksLast24h < BREAKER_OPENS_AT,
  firstFailure: ({ ledger }) => ledger.earlierFailures === 0,
  // What came back twice must not be able to come back unseen.
  regressionTested: ({ ledger, patch }) => ledger.recurrences < 2 || patch.files.some(isTestPath),
  notTurnedDown: ({ ledger }) => !ledger.turnedDown,
  notUndoingFix: ({ ledger }) => !ledger.undoesFix,
  notPaused: ({ ledger }) => !ledger.paused,
  baseCurrent: ({ ledger }) => !ledger.liveDiverged,
} as const satisfies Record<string, (input: GateInput) => boolean>;

/** The name of one condition of an automatic deployment. */
export type Condition = keyof typeof CONDITIONS;

/** Every condition, in the order in which people read them. */
export const conditionNames = Object.keys(CONDITIONS) as readonly Condition[];

/**
 * Decides whether a Patch is deployed without a person (`auto`), put before one (`ask`), or turned down (`refuse`).
 * Default-deny: an input that cannot be read is refused, and nothing but every condition holding gives `auto`. Never throws.
 */
export function decide(input: GateInput): GateOutcome {
  const read = GateInput.safeParse(input);
  if (!read.success) return { verdict: "refuse", missing: [...conditionNames], refusedBy: ["unreadableInput"] };
  const missing = conditionNames.filter((name) => !CONDITIONS[name](read.data));
  const refusedBy = hardRules(read.data);
  if (refusedBy.length > 0) return { verdict: "refuse", missing, refusedBy };
  return { verdict: missing.length === 0 ? "auto" : "ask", missing, refusedBy };
}

function hardRules({ policy, review, diffFindings }: GateInput): string[] {
  const hard = [...diffFindings, ...(review?.findings ?? [])].filter((finding) => finding.weight === "hard");
  const observeOnly = policy.autonomy === "observe" ? ["observeOnly"] : [];
  return [...new Set([...observeOnly, ...hard.map((finding) => finding.rule)])];
}

/** The grade, and what it stands for: a program re-reads the observations rather than trust the summary. */
function reproducedAndGone(evidence: Evidence | null): boolean {
  if (evidence === null || !atLeast(evidence.grade, "E2")) return false;
  return isRed(evidence.reproductionBase) && isGreen(evidence.reproductionPatch) && !evidence.touchesExistingTests;
}

/** A function called directly with what an untrusted Event says shows only that it crashes, not that anything leads there. */
function reproducedFromOutside(evidence: Evidence | null): boolean {
  const kind = evidence?.reproduction?.kind ?? "command";
  return reproducedAndGone(evidence) && (kind === "command" || kind === "request");
}

/** Not measured is not covered. */
function allCovered(evidence: Evidence | null): boolean {
  const lines = evidence?.changedLinesCovered;
  return lines != null && lines.covered === lines.total;
}

function isGreen(seen: Observation | null | undefined): boolean {
  return seen?.end.kind === "exit" && seen.end.code === 0;
}

/** Failed by itself. A time-out or a command that could not start shows nothing. */
function isRed(seen: Observation | null): boolean {
  return seen?.end.kind === "signal" || (seen?.end.kind === "exit" && seen.end.code !== 0);
}

/** SandboxGrade lists the strongest first. */
function confinedEnough(had: SandboxGrade, wanted: SandboxGrade): boolean {
  return SandboxGrade.options.indexOf(had) <= SandboxGrade.options.indexOf(wanted);
}
