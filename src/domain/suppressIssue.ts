import type { AuditLog } from "./ports/auditLog.ts";
import type { Clock } from "./ports/clock.ts";
import type { SuppressionStore } from "./ports/suppressionStore.ts";
import { endOf, type Suppression } from "./suppression.ts";

interface SuppressDeps {
  suppressions: SuppressionStore;
  audit: AuditLog;
  clock: Clock;
}

/**
 * Suppresses an Issue for `forMs` milliseconds and writes an AuditEntry. An existing id keeps its first Suppression
 * (each call writes an AuditEntry). Returns null and does nothing if `forMs` is not positive.
 */
export async function suppressIssue(
  { suppressions, audit, clock }: SuppressDeps,
  wanted: Pick<Suppression, "id" | "issueId" | "reason" | "by"> & { forMs: number; ticketId?: string },
): Promise<Suppression | null> {
  const { id, issueId, reason, by, forMs, ticketId } = wanted;
  const createdAt = clock.now();
  if (forMs <= 0) return null;
  const expiresAt = createdAt + forMs;
  const kept = await suppressions.add({ id, issueId, reason, by, createdAt, expiresAt, liftedAt: null });
  await audit.append({
    kind: "issue.suppressed",
    actor: `person:${by}`,
    ...(ticketId !== undefined && { ticketId }),
    facts: { issue: issueId, suppression: id, until: kept.expiresAt, reason: reason.slice(0, 500) },
  });
  return kept;
}

/** Ends a Suppression early and writes an AuditEntry. Returns null if no Suppression has that id. */
export async function unsuppressIssue(
  { suppressions, audit, clock }: SuppressDeps,
  id: string,
  by: string,
): Promise<Suppression | null> {
  const now = clock.now();
  const lifted = await suppressions.lift(id, now);
  if (lifted?.liftedAt === now) {
    const facts = { issue: lifted.issueId, suppression: id, until: endOf(lifted) };
    await audit.append({ kind: "issue.unsuppressed", actor: `person:${by}`, facts });
  }
  return lifted;
}
