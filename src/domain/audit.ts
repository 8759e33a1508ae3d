import { z } from "zod";

/** Small typed facts of an AuditEntry. They never contain Event text. */
export const Facts = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
export type Facts = z.infer<typeof Facts>;

/** Every kind of AuditEntry. docs/audit.md lists the facts of each kind, and a test compares the two. */
export const AuditKind = z.enum([
  "access.throttled",
  "approval.answered",
  "approval.asked",
  "approval.reminded",
  "approval.reopened",
  "approval.seconded",
  "approval.taken",
  "approval.unreadable",
  "autonomy.changed",
  "autonomy.earned",
  "autonomy.lost",
  "breaker.closed",
  "breaker.opened",
  "canary.aborted",
  "canary.began",
  "canary.promoted",
  "canary.read",
  "config.rejected",
  "config.reloaded",
  "deploy.busy",
  "deploy.failed",
  "deploy.intended",
  "deploy.live",
  "deploy.rolled_back",
  "deploy.rolling_back",
  "deploy.started",
  "deploy.unknown",
  "fix.held",
  "fix.recurred",
  "gate.decided",
  "issue.joined",
  "issue.merged",
  "issue.regrouped",
  "issue.skipped",
  "issue.split",
  "issue.suppressed",
  "issue.unsuppressed",
  "lesson.forgotten",
  "message.given_up",
  "patch.applied",
  "patch.conflicted",
  "patch.ported",
  "patch.published",
  "patch.reviewed",
  "patch.tested",
  "patch.written",
  "retention.ran",
  "sourcemaps.removed",
  "sourcemaps.uploaded",
  "system.paused",
  "system.resumed",
  "ticket.abstained",
  "ticket.claimed",
  "ticket.archived",
  "ticket.dismissed",
  "ticket.escalated",
  "ticket.opened",
  "ticket.planned",
  "ticket.proposed",
  "ticket.rejected",
  "ticket.started",
  "ticket.stuck",
  "token.issued",
  "token.replaced",
  "token.revoked",
  "user.changed",
  "user.removed",
]);
export type AuditKind = z.infer<typeof AuditKind>;

/** One past-tense fact (`ticket.opened`, `deploy.rolled_back`) with its actor, in a hash-chained log. */
export const AuditEntry = z.object({
  sequence: z.number().int().positive(),
  at: z.number(),
  /**
   * New entries have an AuditKind. A log may outlive a version of selfheal, so reading also accepts kinds of other
   * versions.
   */
  kind: z.string().regex(/^[a-z]+\.[a-z_]+$/),
  /** `system`, `rules`, `model:<name>`, `person:<who>`. */
  actor: z.string(),
  ticketId: z.string().nullable(),
  facts: Facts,
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
