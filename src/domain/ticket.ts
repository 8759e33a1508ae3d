import { z } from "zod";
import { ApprovalDecision, ApprovalRequest } from "./approval.ts";
import { TrustTier } from "./event.ts";
import { Evidence, Review } from "./evidence.ts";
import { AppliedPatch, Attempt, Patch, PreparedPatch } from "./patch.ts";
import { Plan } from "./plan.ts";
import { Reproduction } from "./reproduction.ts";
import { Origin } from "./trace.ts";

/** How urgent a root cause is, the most urgent first. */
export const Severity = z.enum(["critical", "high", "medium", "low"]);
export type Severity = z.infer<typeof Severity>;

/** The state of the work on a root cause. The last six states are final: the ticket is closed. */
export const TicketState = z.enum([
  "open",
  "planning",
  "coding",
  "testing",
  "reviewing",
  "awaitingApproval",
  "escalated",
  "deploying",
  "soaking",
  "healed",
  "rolledBack",
  "abstained",
  "proposed",
  "rejected",
  "dismissed",
]);
export type TicketState = z.infer<typeof TicketState>;

const ENDS: readonly TicketState[] = ["healed", "rolledBack", "abstained", "proposed", "rejected", "dismissed"];

/** Whether the ticket is closed, so that nothing more happens on it automatically. */
export function isClosed(state: TicketState): boolean {
  return ENDS.includes(state);
}

/** The gate's verdict: deploy without a person, ask a person, or refuse. */
export const Verdict = z.enum(["auto", "ask", "refuse"]);
export type Verdict = z.infer<typeof Verdict>;

/** The gate's decision, and what was missing for a deployment without a person. */
export const GateDecision = z.object({
  verdict: Verdict,
  /** Names of the unmet conditions; empty for auto. */
  missing: z.array(z.string()),
  /** Names of the hard rules that were violated. Not empty exactly when the verdict is refuse. */
  refusedBy: z.array(z.string()),
  patchDigest: z.string(),
  decidedAt: z.number(),
});
export type GateDecision = z.infer<typeof GateDecision>;

/** What an abstained ticket waits for. An Event that meets one of the conditions starts a Run again. */
export const WaitsFor = z.object({
  /** Events received at this time or later, in milliseconds since the epoch; null: no such condition. */
  from: z.number().nullable(),
  /** Events of a release that is not listed; null: no such condition. */
  releasesBut: z.array(z.string()).nullable(),
});
export type WaitsFor = z.infer<typeof WaitsFor>;

/** A line of the repository at the base commit. */
const CitedLine = z.object({ file: z.string(), line: z.number().int().positive(), text: z.string().max(300) });

/** The code around a Patch at the base, for people. It grants no permission. */
export const CodeContext = z.object({
  baseCommit: z.string(),
  /** The lines where the exception happened. */
  cited: z.array(CitedLine).max(10),
  /** Callers of the changed functions, as a search by name finds them. `more`: number of callers that are left out. */
  callers: z
    .array(z.object({ name: z.string(), places: z.array(CitedLine).max(10), more: z.number().int().nonnegative() }))
    .max(5),
});
export type CodeContext = z.infer<typeof CodeContext>;

/** One root cause (one or more Issues) and the work on it. The Thread id equals the ticket id. */
export const Ticket = z.object({
  id: z.string().uuid(),
  project: z.string(),
  service: z.string(),
  title: z.string().max(512),
  severity: Severity,
  state: TicketState,
  trustTier: TrustTier,
  corroborated: z.boolean(),
  issueIds: z.array(z.string()),
  /**
   * Issues that appeared in the same burst and wait for the end of this ticket. They do not count when its Patch is
   * verified.
   */
  cascade: z.array(z.string()).optional(),
  /** Where the problem began according to distributed traces. */
  origin: Origin.optional(),
  batchId: z.string(),
  rootCause: z.string().max(2000),
  openedAt: z.number(),
  updatedAt: z.number(),
  plan: Plan.nullable(),
  attempts: z.array(Attempt),
  patch: Patch.nullable(),
  /** How the exception is reproduced; absent or null: no Reproduction was found. */
  reproduction: Reproduction.nullable().optional(),
  surroundings: CodeContext.optional(),
  evidence: Evidence.nullable(),
  review: Review.nullable(),
  gate: GateDecision.nullable(),
  approval: ApprovalRequest.nullable(),
  decisions: z.array(ApprovalDecision),
  deploymentId: z.string().nullable(),
  /** Why the ticket is in its state, for people. */
  reason: z.string().max(4000),
  tokens: z.number().int().nonnegative(),
  closedAt: z.number().nullable(),
  /** Absent: only the usual signals start work again. */
  waitsFor: WaitsFor.optional(),
  /** The person who requested a Run, until that Run begins; "" for nobody. */
  startedBy: z.string().max(128).optional(),
  /** Everybody who ever requested a Run on it. */
  contributors: z.array(z.string().max(128)).optional(),
  /** What a person committed of the proposal; null: that was an earlier proposal. */
  applied: AppliedPatch.nullable().optional(),
  /** The branch that was published before a person was asked. It stays, whatever the answer is. */
  prepared: PreparedPatch.optional(),
});
export type Ticket = z.infer<typeof Ticket>;

/** The last guidance of a person; "" if there is none. */
export function guidanceOf(ticket: Ticket): string {
  return ticket.decisions.findLast((d) => d.type === "guide")?.message ?? "";
}
