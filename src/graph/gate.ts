import { type AskDeps, askFor } from "../agents/ask.ts";
import { type AgentDeps, changeTicket, closeTicket } from "../agents/deps.ts";
import { patchOf, serviceOf, ticketOf } from "../agents/ticketOf.ts";
import type { DeployJournal, Settings } from "../domain/ports.ts";
import type { AgentNode } from "../domain/runState.ts";
import type { Service } from "../domain/service.ts";
import type { GateDecision, Ticket } from "../domain/ticket.ts";
import { reviewDiff } from "../policy/diffPolicy.ts";
import { decide, type Ledger } from "../policy/gate.ts";

const HOUR = 3_600_000;

export type GateDeps = Pick<
  AgentDeps,
  "tickets" | "blobs" | "audit" | "clock" | "wakeUps" | "services" | "policyOf" | "log"
> &
  AskDeps & {
    journal: DeployJournal;
    settings: Settings;
    /** null when the live commit and the branch have diverged. */
    baseOf: (service: Service) => Promise<string | null>;
  };

/** Evidence → verdict, by the pure policy; then the question to a person where one is needed. No model is asked. */
export function createGate(deps: GateDeps): AgentNode {
  return async (state) => {
    const ticket = await ticketOf(deps.tickets, state.ticketId);
    const { patch, diff } = await patchOf(deps.blobs, ticket);
    const service = serviceOf(deps.services, ticket);
    const policy = deps.policyOf(service);
    const ledger = await ledgerOf(deps, ticket, service);
    const diffFindings = reviewDiff(diff, { allowedFiles: ticket.plan?.files ?? [], policy });
    const verdict = decide({ ...ticket, patch, diffFindings, policy, ledger });
    const gate: GateDecision = { ...verdict, patchDigest: patch.digest, decidedAt: deps.clock.now() };
    await changeTicket(deps, ticket.id, () => ({ gate }));
    // A ticket that waits for its turn comes by every second; only what is new is said.
    if (!sameDecision(ticket.gate, gate))
      await deps.audit.append({
        kind: "gate.decided",
        actor: "system",
        ticketId: ticket.id,
        facts: { ...verdict, patch: patch.digest, grade: ticket.evidence?.grade ?? "none", severity: ticket.severity },
      });
    if (verdict.verdict === "auto") return { verdict: "auto" };
    if (verdict.verdict === "refuse")
      return { verdict: "refuse", cause: `refused by ${verdict.refusedBy.join(", ")}`.slice(0, 2000) };
    if (policy.autonomy === "assist") {
      await closeTicket(deps, ticket.id, "proposed", "assist: the patch is ready for a person to apply");
      return { verdict: "propose", outcome: "proposed" };
    }
    if (approvedBefore(ticket, patch.digest)) return { verdict: "approved" };
    await askFor(deps, ticket, {
      kind: "approveDeploy",
      patchDigest: patch.digest,
      reasons: verdict.missing,
      allowed: ["approve", "edit", "reject"],
      askedAt: deps.clock.now(),
    });
    return { verdict: "ask", question: "approveDeploy" };
  };
}

function sameDecision(before: GateDecision | null, now: GateDecision): boolean {
  const facts = (g: GateDecision) => JSON.stringify([g.verdict, g.missing, g.refusedBy, g.patchDigest]);
  return before !== null && facts(before) === facts(now);
}

/** A person's yes stands for exactly the diff it was given for, until somebody says otherwise. */
function approvedBefore(ticket: Ticket, digest: string): boolean {
  const last = ticket.decisions.at(-1);
  return last?.type === "approve" && last.patchDigest === digest;
}

async function ledgerOf(deps: GateDeps, ticket: Ticket, service: Service): Promise<Ledger> {
  const now = deps.clock.now();
  const related = (await deps.tickets.list({ service: service.name })).filter((t) =>
    t.issueIds.some((id) => ticket.issueIds.includes(id)),
  );
  const deployments = await Promise.all(
    related.map((t) => (t.deploymentId === null ? null : deps.journal.get(t.deploymentId))),
  );
  return {
    autoDeploysLastHour: await deps.journal.autoDeploysSince(now - HOUR),
    autoDeploysLastDay: await deps.journal.autoDeploysSince(now - 24 * HOUR),
    rollbacksLast24h: await deps.journal.rollbacksSince(now - 24 * HOUR),
    earlierFailures: deployments.filter((d) => d?.state === "failed" || d?.state === "rolledBack").length,
    tokensSpent: ticket.tokens,
    paused: (await deps.settings.get("paused")) === "true",
    liveDiverged: (await deps.baseOf(service)) === null,
  };
}
