import { z } from "zod";
import { ApprovalDecision, ApprovalRequest } from "./approval.ts";
import { TrustTier } from "./event.ts";
import { Evidence, Review } from "./evidence.ts";
import { AppliedPatch, Attempt, Patch, Plan, PreparedPatch } from "./patch.ts";
import { Reproduction } from "./reproduction.ts";
import { Origin } from "./trace.ts";

export const Severity = z.enum(["critical", "high", "medium", "low"]);
export type Severity = z.infer<typeof Severity>;

/** Where the work on a root cause stands. The last six are ends. */
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

/** Whether nothing more happens on the ticket by itself. */
export function isClosed(state: TicketState): boolean {
  return ENDS.includes(state);
}

export const Verdict = z.enum(["auto", "ask", "refuse"]);
export type Verdict = z.infer<typeof Verdict>;

/** What the gate decided, and what was missing for a deployment without a person. */
export const GateDecision = z.object({
  verdict: Verdict,
  /** Names of unmet conditions; empty for auto. */
  missing: z.array(z.string()),
  /** Names of the hard rules that were hit; non-empty exactly for refuse. */
  refusedBy: z.array(z.string()),
  patchDigest: z.string(),
  decidedAt: z.number(),
});
export type GateDecision = z.infer<typeof GateDecision>;

/** What an abstained ticket waits for: an Event that meets either condition calls for a run again. */
export const WaitsFor = z.object({
  /** Received at this time or later, milliseconds since the epoch. */
  from: z.number().nullable(),
  /** Of another release than these. */
  releasesBut: z.array(z.string()).nullable(),
});
export type WaitsFor = z.infer<typeof WaitsFor>;

/** A line of the repository at the base commit. */
const CitedLine = z.object({ file: z.string(), line: z.number().int().positive(), text: z.string().max(300) });

/** What the base says around a Patch: for people, it opens nothing. */
export const CodeContext = z.object({
  baseCommit: z.string(),
  /** The lines where it crashed. */
  cited: z.array(CitedLine).max(10),
  /** Where a changed function is called, as far as a search by name finds it; `more`: how many are left out. */
  callers: z
    .array(z.object({ name: z.string(), places: z.array(CitedLine).max(10), more: z.number().int().nonnegative() }))
    .max(5),
});
export type CodeContext = z.infer<typeof CodeContext>;

/** One root cause (one or more Issues) and the work on it. Thread id = ticket id. */
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
  /** Issues that came up with it in one burst and wait for its end; its fix is not judged by them. */
  cascade: z.array(z.string()).optional(),
  /** Where it began, as distributed traces tell. */
  origin: Origin.optional(),
  batchId: z.string(),
  rootCause: z.string().max(2000),
  openedAt: z.number(),
  updatedAt: z.number(),
  plan: Plan.nullable(),
  attempts: z.array(Attempt),
  patch: Patch.nullable(),
  /** How the exception is made to happen again; absent or null: nothing was found that does. */
  reproduction: Reproduction.nullable().optional(),
  surroundings: CodeContext.optional(),
  evidence: Evidence.nullable(),
  review: Review.nullable(),
  gate: GateDecision.nullable(),
  approval: ApprovalRequest.nullable(),
  decisions: z.array(ApprovalDecision),
  deploymentId: z.string().nullable(),
  /** Why it stands where it stands, in words. */
  reason: z.string().max(4000),
  tokens: z.number().int().nonnegative(),
  closedAt: z.number().nullable(),
  /** Absent: only the usual signals start work again. */
  waitsFor: WaitsFor.optional(),
  /** A person who wants it worked on, until the run begins that they asked for; "" for nobody. */
  startedBy: z.string().max(128).optional(),
  /** What a person made of the proposal; null: of an earlier one. */
  applied: AppliedPatch.nullable().optional(),
  /** The branch that was published before a person was asked. It stays, whatever they say. */
  prepared: PreparedPatch.optional(),
});
export type Ticket = z.infer<typeof Ticket>;

/** What a person said last when asked; "" when nobody did. */
export function guidanceOf(ticket: Ticket): string {
  return ticket.decisions.findLast((d) => d.type === "guide")?.message ?? "";
}
