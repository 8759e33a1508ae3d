import { z } from "zod";

export const ApprovalKind = z.enum(["approvePlan", "approveDeploy", "escalate"]);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/** What a person may answer. approve/edit/reject for the two approvals; guide/takeOver/dismiss for an escalation. */
export const DecisionType = z.enum(["approve", "edit", "reject", "guide", "takeOver", "dismiss"]);
export type DecisionType = z.infer<typeof DecisionType>;

/** The human gate: a question that is open. Bound to a Patch digest where there is a Patch. */
export const ApprovalRequest = z.object({
  kind: ApprovalKind,
  patchDigest: z.string().nullable(),
  /** Why a person is asked: what is missing, by name, or the cause of the escalation. */
  reasons: z.array(z.string()),
  allowed: z.array(DecisionType),
  askedAt: z.number(),
  /** Where the Patch can be looked at as a commit. */
  branch: z.string().optional(),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** The answer of a person. An unreadable answer is a rejection. */
export const ApprovalDecision = z.object({
  type: DecisionType,
  by: z.string().max(128).default("unknown"),
  /** Reason, guidance, or nothing. */
  message: z.string().max(4000).default(""),
  /** When given it must be the digest that was asked about. */
  patchDigest: z.string().optional(),
  /** For `edit`: the whole new diff against the same base. */
  diff: z.string().optional(),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
