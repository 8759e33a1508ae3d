import type { Canary, CanaryProgress } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { messageOf } from "../../domain/errors.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { judgeCanary } from "../../policy/canaryVerdict.ts";
import { changeTicket } from "../../tickets/change.ts";
import { auditCanaryReading } from "../deployment/auditMarks.ts";
import type { CanaryWatchDeps } from "../deployment/deps.ts";
import { type EndDeployment, observeCanary, settleTakenOut } from "./canaryRollout.ts";
import { noteNotLive } from "./deploymentSteps.ts";

/** Looks at the canary of a ticket. Returns milliseconds until the next look; null: there is no canary any more. */
export type CanaryWatch = (ticketId: string) => Promise<number | null>;

/**
 * Watches canaries while a person is asked about their tickets, which may take a weekend. It promotes nothing and
 * answers no question. An unhealthy canary is taken out at once, and the open question gets the reason. If a person
 * approves later, or at the same moment, their run finds a deployment that was rolled back: each look takes a new
 * fencing token from the journal, so that only one of the two goes on.
 */
export function createCanaryWatch(deps: CanaryWatchDeps): CanaryWatch {
  return async (ticketId) => {
    const ticket = await deps.tickets.get(ticketId);
    const service = ticket === null ? undefined : deps.services.get(ticket.service);
    if (ticket === null || service?.canary === undefined) return null;
    const own = ticket.deploymentId === null ? null : await deps.journal.get(ticket.deploymentId);
    if (own?.canary === undefined) return null;
    // The canary was taken out, but the process ended before the ticket said so.
    if (own.state === "rolledBack" || own.state === "failed") return sayTakenOut(deps, ticket, own);
    if (own.state !== "intended") return null;
    try {
      return await look(deps, { ticket, service, rules: service.canary, own });
    } catch (error) {
      // Either somebody answered meanwhile, and their run has the newer token; or a read failed, and the next look
      // tries again.
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

async function look(deps: CanaryWatchDeps, { ticket, service, rules, own }: Found): Promise<number | null> {
  const grant = await deps.journal.intend(own);
  const before = grant.kind === "unfinished" ? grant.deployment.canary : undefined;
  if (grant.kind !== "unfinished" || before === undefined) return null;
  const watched = { ticket, service, deployment: grant.deployment, signal: new AbortController().signal };
  // The process ended while the canary was taken out.
  if (before.stage === "aborting" || before.stage === "aborted") return takeOut(deps, watched, before);
  // The process ended while the canary began or was promoted. The run that the answer resumes settles that.
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
  deps: CanaryWatchDeps,
  watched: Parameters<typeof settleTakenOut>[1],
  why: Pick<CanaryProgress, "reason" | "blamed">,
): Promise<null> {
  // The wake-up stays until the ticket has the result: after a crash it calls this guard again.
  const end: EndDeployment = ({ id, fencingToken }, state, reason) =>
    deps.journal.settle(id, fencingToken, state, reason);
  return sayTakenOut(deps, watched.ticket, await settleTakenOut(deps, watched, why, end));
}

async function sayTakenOut(deps: CanaryWatchDeps, ticket: Ticket, settled: Deployment): Promise<null> {
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
