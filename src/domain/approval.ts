import { z } from "zod";

/** What a person is asked: to approve a Plan, to approve a deployment, or to help with an escalation. */
export const ApprovalKind = z.enum(["approvePlan", "approveDeploy", "escalate"]);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/**
 * The answers that a person can give. approve, edit and reject answer the two approvals; guide, takeOver and dismiss
 * answer an escalation.
 */
export const DecisionType = z.enum(["approve", "edit", "reject", "guide", "takeOver", "dismiss"]);
export type DecisionType = z.infer<typeof DecisionType>;

/** An open question to a person. It is bound to a Patch digest if there is a Patch. */
export const ApprovalRequest = z.object({
  kind: ApprovalKind,
  patchDigest: z.string().nullable(),
  /** Why a person is asked: the names of the unmet conditions, or the cause of the escalation. */
  reasons: z.array(z.string()),
  allowed: z.array(DecisionType),
  askedAt: z.number(),
  /** The branch that contains the Patch as a commit. */
  branch: z.string().optional(),
  /** Who approved so far, while the two-person rule waits for one more. */
  approvedBy: z.array(z.string().max(128)).max(10).optional(),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** A person's answer. An answer that cannot be read counts as a rejection. */
export const ApprovalDecision = z.object({
  type: DecisionType,
  by: z.string().max(128).default("unknown"),
  /** A reason or guidance; may be empty. */
  message: z.string().max(4000).default(""),
  /** If present, it must equal the digest of the question. */
  patchDigest: z.string().optional(),
  /** For `edit`: the complete new diff against the same base. */
  diff: z.string().optional(),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
