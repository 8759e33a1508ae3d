import type { Canary, CanaryProgress } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { messageOf } from "../../domain/errors.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { judgeCanary } from "../../policy/canaryVerdict.ts";
import { changeTicket } from "../../tickets/change.ts";
import { auditCanaryReading } from "../deployment/auditMarks.ts";
import type { GuardDeps } from "../deployment/deps.ts";
import { type EndDeployment, observeCanary, settleTakenOut } from "./canaryRollout.ts";
import { noteNotLive } from "./release.ts";

/** Looks at the canary of a ticket; milliseconds until the next look, or null when there is none to look at any more. */
export type CanaryGuard = (ticketId: string) => Promise<number | null>;

/**
 * Looks after canaries while a person is asked about their tickets, which may take a weekend. Nothing is promoted, and nothing
 * answered for them; what is unhealthy is taken out at once, and their question says so. A yes that comes later, or in this
 * very moment, finds a deployment that was rolled back: each look takes the journal's token, so that only one goes on.
 */
export function createCanaryGuard(deps: GuardDeps): CanaryGuard {
  return async (ticketId) => {
    const ticket = await deps.tickets.get(ticketId);
    const service = ticket === null ? undefined : deps.services.get(ticket.service);
    if (ticket === null || service?.canary === undefined) return null;
    const own = ticket.deploymentId === null ? null : await deps.journal.get(ticket.deploymentId);
    if (own?.canary === undefined) return null;
    // Cut off before it was said.
    if (own.state === "rolledBack" || own.state === "failed") return sayTakenOut(deps, ticket, own);
    if (own.state !== "intended") return null;
    try {
      return await look(deps, { ticket, service, rules: service.canary, own });
    } catch (error) {
      // Somebody answered meanwhile, and their run has it now; or it could not be read, and is looked at again.
      deps.log.warn("a canary could not be looked at", { ticket: ticketId, reason: messageOf(error) });
      return service.canary.everyMs;
    }
  };
}

interface Found {
  ticket: Ticket;
  service: Service;
  rules: Canary;
  own: Deployment;
}

async function look(deps: GuardDeps, { ticket, service, rules, own }: Found): Promise<number | null> {
  const grant = await deps.journal.intend(own);
  const before = grant.kind === "unfinished" ? grant.deployment.canary : undefined;
  if (grant.kind !== "unfinished" || before === undefined) return null;
  const watched = { ticket, service, deployment: grant.deployment, signal: new AbortController().signal };
  // Cut off while it was taken out.
  if (before.stage === "aborting" || before.stage === "aborted") return takeOut(deps, watched, before);
  // Cut off while it began, or went live: settled by the run that the answer enters.
  if (before.stage !== "watching" && before.stage !== "held") return rules.everyMs;
  const { seen, counters } = await observeCanary(deps, watched, before);
  const judged = judgeCanary(rules, seen);
  const after = { ...before, ...judged, looks: before.looks + 1, counters, counted: seen.counted };
  after.reason = after.reason.slice(0, 1000);
  await auditCanaryReading(deps.audit, watched.deployment, after);
  const { id, fencingToken } = watched.deployment;
  const deployment = await deps.journal.noteCanary(id, fencingToken, after);
  if (judged.verdict !== "unhealthy") return rules.everyMs;
  const why = { reason: `the canary is unhealthy: ${after.reason}`, blamed: true };
  return takeOut(deps, { ...watched, deployment }, why);
}

async function takeOut(
  deps: GuardDeps,
  watched: Parameters<typeof settleTakenOut>[1],
  why: Pick<CanaryProgress, "reason" | "blamed">,
): Promise<null> {
  // The wake-up stays until all is said: it is what comes back after a crash.
  const end: EndDeployment = ({ id, fencingToken }, state, reason) =>
    deps.journal.settle(id, fencingToken, state, reason);
  return sayTakenOut(deps, watched.ticket, await settleTakenOut(deps, watched, why, end));
}

async function sayTakenOut(deps: GuardDeps, ticket: Ticket, settled: Deployment): Promise<null> {
  await noteNotLive(deps, ticket, settled);
  const reason = settled.reason.slice(0, 4000);
  await changeTicket(deps, ticket.id, ({ approval }) => ({
    deploymentId: settled.id,
    ...(approval !== null && { reason, approval: { ...approval, reasons: withReason(approval.reasons, reason) } }),
  }));
  return null;
}

function withReason(reasons: readonly string[], reason: string): string[] {
  return reasons.includes(reason) ? [...reasons] : [...reasons, reason];
}
