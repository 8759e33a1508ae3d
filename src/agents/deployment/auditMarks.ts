import type { AuditEntry, Facts } from "../../domain/audit.ts";
import type { CanaryProgress } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";

/** Kinds of audit entries that mark the steps of a deployment. After a restart they show what had begun. */
export type AuditMark =
  | "canary.began"
  | "canary.promoted"
  | "canary.aborted"
  | "deploy.intended"
  | "deploy.started"
  | "deploy.live"
  | "deploy.failed"
  | "deploy.rolling_back"
  | "deploy.rolled_back"
  | "deploy.unknown"
  | "fix.held"
  | "fix.recurred";

/** Audits the looks 1, 2, 4, 8, … at a canary, each once: there are hundreds of looks. */
export async function auditCanaryReading(audit: AuditLog, deployment: Deployment, look: CanaryProgress): Promise<void> {
  if (!Number.isInteger(Math.log2(look.looks))) return;
  const entries = await audit.list({ ticketId: deployment.ticketId });
  const isThis = (entry: AuditEntry) => entry.kind === "canary.read" && entry.facts.look === look.looks;
  if (entries.some((entry) => isThis(entry) && isAbout(entry, deployment))) return;
  const { canary, baseline } = look.counted;
  const facts = {
    deployment: deployment.id,
    intendedAt: deployment.intendedAt,
    look: look.looks,
    requests: canary.requests,
    errors: canary.errors,
    baselineRequests: baseline.requests,
    baselineErrors: baseline.errors,
    verdict: look.verdict,
    reason: look.reason.slice(0, 500),
  };
  await audit.append({ kind: "canary.read", actor: "system", ticketId: deployment.ticketId, facts });
}

/** Appends the entry unless the deployment has one of this kind. */
export async function auditOnce(
  audit: AuditLog,
  kind: AuditMark,
  deployment: Deployment,
  facts: Facts = {},
): Promise<void> {
  if ((await auditMarkOf(audit, kind, deployment)) !== null) return;
  await audit.append({
    kind,
    actor: "system",
    ticketId: deployment.ticketId,
    facts: {
      deployment: deployment.id,
      service: deployment.service,
      commit: deployment.commit,
      previous: deployment.previousCommit,
      patch: deployment.patchDigest,
      fencingToken: deployment.fencingToken,
      ...(kind.startsWith("canary.") && { intendedAt: deployment.intendedAt }),
      ...facts,
    },
  });
}

/**
 * Whether an entry is about this deployment. An abandoned canary is begun again in the same row, so entries of canaries
 * also name when the deployment was intended.
 */
function isAbout({ facts }: AuditEntry, { id, intendedAt }: Deployment): boolean {
  return facts.deployment === id && (facts.intendedAt === undefined || facts.intendedAt === intendedAt);
}

/** The facts of the deployment's entry of this kind; null: there is none. */
export async function auditMarkOf(audit: AuditLog, kind: AuditMark, deployment: Deployment): Promise<Facts | null> {
  const entries = await audit.list({ ticketId: deployment.ticketId });
  return entries.find((entry) => entry.kind === kind && isAbout(entry, deployment))?.facts ?? null;
}
