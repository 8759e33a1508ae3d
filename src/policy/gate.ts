import { z } from "zod";
import { TrustTier } from "../domain/event.ts";
import {
  type Admission,
  atLeast,
  Evidence,
  Finding,
  type Observation,
  Review,
  SandboxGrade,
} from "../domain/evidence.ts";
import { Patch } from "../domain/patch.ts";
import { Policy } from "../domain/service.ts";
import { Severity, type Verdict } from "../domain/ticket.ts";
import { isTestPath } from "./testPaths.ts";

/** Two rollbacks within a day open the circuit breaker for every service (docs/gates.md). */
export const BREAKER_OPENS_AT = 2;

const Count = z.number().int().nonnegative();

/** The history and the current state that decide whether to deploy without a person. */
export const Ledger = z.object({
  autoDeploysLastHour: Count,
  autoDeploysLastDay: Count,
  rollbacksLast24h: Count,
  /** Deployments on these Issues that failed or were rolled back. */
  earlierFailures: Count,
  /** How often these Issues came back after a Patch was deployed. */
  recurrences: Count,
  /** A person said no to this very diff, or to another ticket on these Issues. */
  turnedDown: z.boolean(),
  tokensSpent: Count,
  paused: z.boolean(),
  /** The Patch reverts an earlier deployed Patch, wholly or in part. */
  undoesFix: z.boolean(),
  /** Neither the live commit nor the branch contains the other. */
  liveDiverged: z.boolean(),
});
export type Ledger = z.infer<typeof Ledger>;

/** Everything the gate reads. It contains no text of an Event and nothing that a brain claims about itself. */
export const GateInput = z.object({
  severity: Severity,
  /** The trust tier of the Event that the Plan was made from, and the files that no program found from its frames. */
  plan: z.strictObject({ trustTier: TrustTier.optional(), beyondFrames: z.array(z.string()).optional() }).nullable(),
  patch: Patch,
  evidence: Evidence.nullable(),
  review: Review.nullable(),
  /** The findings of reviewDiff(). */
  diffFindings: z.array(Finding),
  policy: Policy,
  ledger: Ledger,
});
export type GateInput = z.infer<typeof GateInput>;

/** The gate's decision and its reasons. */
export interface GateOutcome {
  verdict: Verdict;
  /** Names of unmet conditions. Empty exactly for `auto`. */
  missing: string[];
  /** Names of the hard rules that were hit. Non-empty exactly for `refuse`. */
  refusedBy: string[];
}

/**
 * The conditions for deploying without a person; all must be met. The names are stable: docs/gates.md says what to do
 * about each.
 */
const CONDITIONS = {
  autonomyFull: ({ policy }) => policy.autonomy === "full",
  severityAutoDeployable: ({ policy, severity }) => policy.autoDeploySeverity.includes(severity),
  evidenceE2: ({ evidence }) => reproducedAndGone(evidence),
  patchMatchesEvidence: ({ evidence, patch }) =>
    evidence?.patchDigest === patch.digest && evidence.baseCommit === patch.baseCommit,
  noInfrastructureFailure: ({ evidence }) => evidence?.infrastructure === null,
  suitePassed: ({ policy, evidence }) =>
    !policy.requireTestsPass || (isGreen(evidence?.suiteBase) && isGreen(evidence?.suitePatch)),
  // A model that writes both the test and the Patch proves nothing to a program.
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
  // Default-deny: a program must recognise every difference between the syntax trees before and after.
  admittedEdit: ({ review, patch }) => review?.patchDigest === patch.digest && isAdmitted(review.admission),
  // Provenance goes with the Evidence: what another Event of the same Issue was trusted for proves nothing.
  trustTierAllowed: ({ plan, evidence }) =>
    (plan?.trustTier ?? "T0") !== "T0" && (evidence?.trustTier ?? "T0") !== "T0",
  planFromFrames: ({ plan }) => (plan?.beyondFrames ?? []).length === 0,
  rateHour: ({ policy, ledger }) => ledger.autoDeploysLastHour < policy.maxAutoDeploysPerHour,
  rateDay: ({ policy, ledger }) => ledger.autoDeploysLastDay < policy.maxAutoDeploysPerDay,
  tokenBudget: ({ policy, ledger }) => ledger.tokensSpent <= policy.maxTokensPerTicket,
  breakerClosed: ({ ledger }) => ledger.rollbacksLast24h < BREAKER_OPENS_AT,
  firstFailure: ({ ledger }) => ledger.earlierFailures === 0,
  // An Issue that came back twice needs a regression test.
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
 * Decides whether a Patch is deployed without a person (`auto`), put before a person (`ask`), or turned down
 * (`refuse`). Denies by default: unreadable input is refused, and `auto` needs every condition. Never throws. Pure.
 *
 * @example
 * const { verdict, missing } = decide(input); // "ask", ["autonomyFull", "rateHour"]
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

/** Checks the grade and the observations behind it, so that the program need not trust the summary. */
function reproducedAndGone(evidence: Evidence | null): boolean {
  if (evidence === null || !atLeast(evidence.grade, "E2")) return false;
  return isRed(evidence.reproductionBase) && isGreen(evidence.reproductionPatch) && !touchesJudge(evidence);
}

function touchesJudge({ touchesExistingTests, shortfalls }: Evidence): boolean {
  return touchesExistingTests || shortfalls.includes("judgeTouched");
}

function isAdmitted(admission: Admission | undefined): boolean {
  return admission !== undefined && admission.entries.length > 0 && admission.findings.length === 0;
}

/** Lines without a coverage measurement do not count as covered. */
function allCovered(evidence: Evidence | null): boolean {
  const lines = evidence?.changedLinesCovered;
  return lines != null && lines.covered === lines.total;
}

function isGreen(seen: Observation | null | undefined): boolean {
  return seen?.end.kind === "exit" && seen.end.code === 0;
}

/** Whether the command failed by itself. A timeout, or a command that could not start, shows nothing. */
function isRed(seen: Observation | null): boolean {
  return seen?.end.kind === "signal" || (seen?.end.kind === "exit" && seen.end.code !== 0);
}

/** SandboxGrade lists the strongest grade first. */
function confinedEnough(had: SandboxGrade, wanted: SandboxGrade): boolean {
  return SandboxGrade.options.indexOf(had) <= SandboxGrade.options.indexOf(wanted);
}
