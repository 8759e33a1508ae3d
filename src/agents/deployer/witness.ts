import type { Facts } from "../../domain/audit.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { AuditLog } from "../../domain/ports.ts";

/** Durable marks on the way of a deployment; after a restart they tell what had begun. */
export type Mark =
  | "deploy.intended"
  | "deploy.started"
  | "deploy.live"
  | "deploy.failed"
  | "deploy.rolling_back"
  | "deploy.rolled_back"
  | "deploy.unknown"
  | "fix.held"
  | "fix.recurred";

/** Appends the entry unless the deployment has one of this kind already. */
export async function markOnce(audit: AuditLog, kind: Mark, deployment: Deployment, facts: Facts = {}): Promise<void> {
  if ((await markOf(audit, kind, deployment)) !== null) return;
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
      ...facts,
    },
  });
}

/** The facts of the deployment's entry of this kind, or null. */
export async function markOf(audit: AuditLog, kind: Mark, deployment: Deployment): Promise<Facts | null> {
  const entries = await audit.list({ ticketId: deployment.ticketId });
  return entries.find((entry) => entry.kind === kind && entry.facts.deployment === deployment.id)?.facts ?? null;
}
