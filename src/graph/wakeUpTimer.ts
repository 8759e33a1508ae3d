import type { CanaryGuard } from "../agents/deployer/canaryGuard.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { WakeUp, WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { questionKey } from "../tickets/askPerson.ts";

/** How long a fired wake-up is put off: the node it enters clears it, and until then it fires again. */
const AGAIN_MS = 60_000;

export interface WakeUpTimer {
  /** Enters the runs whose time has come. */
  ring(): Promise<void>;
  /** Milliseconds since the epoch, or null when nothing waits. */
  nextDueAt(): Promise<number | null>;
}

/** How long a look at a canary waits while an answer about its ticket is on its way: that has the run. */
const ANSWERED_MS = 10_000;

/** Stored times at which runs are entered again. At least once: a node that is entered twice finds its work done. */
export function createWakeUpTimer(deps: {
  wakeUps: WakeUpStore;
  tickets: TicketBook;
  starter: RunStarter;
  notifier: Notifier;
  audit: AuditLog;
  clock: Clock;
  /** The kill switch. What waits to be deployed waits in its row while it is on. */
  paused: () => Promise<boolean>;
  /** Looks at canaries while a person is asked about their tickets. */
  guardCanary: CanaryGuard;
}): WakeUpTimer {
  return {
    async ring() {
      const now = deps.clock.now();
      for (const wakeUp of await deps.wakeUps.due(now)) {
        if (wakeUp.kind === "remind") await remind(deps, wakeUp);
        else if (wakeUp.kind === "stuck") await takeOff(deps, wakeUp);
        else await enter(deps, { ...wakeUp, kind: wakeUp.kind }, now);
      }
    },
    nextDueAt: () => deps.wakeUps.nextDueAt(),
  };
}

type EnterDeps = Pick<
  Parameters<typeof createWakeUpTimer>[0],
  "wakeUps" | "tickets" | "starter" | "paused" | "guardCanary"
>;

async function enter(
  deps: EnterDeps,
  wakeUp: WakeUp & { kind: "deploy" | "canary" | "verify" | "start" },
  now: number,
): Promise<void> {
  const { ticketId, kind } = wakeUp;
  const ticket = await deps.tickets.get(ticketId);
  if (ticket === null || (isClosed(ticket.state) && !mayHaveCanary(wakeUp, ticket)))
    return deps.wakeUps.clear(ticketId, kind);
  if (kind === "canary" && !isClosed(ticket.state) && ticket.state !== "deploying") {
    const againMs = ticket.approval === null ? ANSWERED_MS : await deps.guardCanary(ticketId);
    if (againMs === null) return deps.wakeUps.clear(ticketId, kind);
    return deps.wakeUps.postpone(wakeUp, now + againMs);
  }
  // While it is on, nothing new is begun; what was begun is watched on, and taken out where it must be.
  if ((kind === "deploy" || kind === "start") && (await deps.paused())) return;
  // The run first: a process that ends in between enters it twice, which does no harm, and not a minute late.
  if (kind !== "start") await deps.starter.start(ticketId, { entry: kind, ticketId });
  else await deps.starter.start(ticketId, { entry: "ticket", ticketId, startedBy: ticket.startedBy || "unknown" });
  // Unless the run was quick, and cleared or replaced it.
  await deps.wakeUps.postpone(wakeUp, now + AGAIN_MS);
}

/** A ticket that a person closed leaves its canary behind: the deployer takes it out. One that was rolled back has none. */
function mayHaveCanary({ kind }: WakeUp, { state }: Ticket): boolean {
  return kind === "canary" && state !== "rolledBack";
}

/** An agent showed no sign of life for too long: its run is ended, and a person is asked. */
async function takeOff(
  deps: Pick<Parameters<typeof createWakeUpTimer>[0], "wakeUps" | "tickets" | "audit" | "starter">,
  wakeUp: WakeUp,
): Promise<void> {
  const { ticketId } = wakeUp;
  const ticket = await deps.tickets.get(ticketId);
  if (ticket !== null && !isClosed(ticket.state) && ticket.approval === null) {
    const cause = `the agent made no headway while ${ticket.state} (escalationTimeoutMs)`;
    await deps.starter.stop(ticketId);
    await deps.audit.append({ kind: "ticket.stuck", actor: "system", ticketId, facts: { state: ticket.state } });
    await deps.starter.start(ticketId, { entry: "escalate", ticketId, cause });
  }
  await deps.wakeUps.clear(ticketId, "stuck");
}

/** Nobody answered in time: said once more, and on the record. The question stays open; silence never deploys. */
async function remind(
  deps: { wakeUps: WakeUpStore; tickets: TicketBook; notifier: Notifier; audit: AuditLog },
  wakeUp: WakeUp,
): Promise<void> {
  await deps.wakeUps.clear(wakeUp.ticketId, "remind");
  const ticket = await deps.tickets.get(wakeUp.ticketId);
  if (ticket === null || ticket.approval === null) return;
  const facts = { kind: ticket.approval.kind, reasons: ticket.approval.reasons };
  await deps.audit.append({ kind: "approval.reminded", actor: "system", ticketId: ticket.id, facts });
  await deps.notifier.notify({
    key: `${questionKey(ticket, ticket.approval)} reminder`,
    kind: "reminded",
    ticketId: ticket.id,
    title: ticket.title,
    text: `still waiting for a person: ${ticket.approval.reasons.join("; ")}`,
    request: ticket.approval,
  });
}
