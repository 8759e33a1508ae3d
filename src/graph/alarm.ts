import type { AuditLog, Clock, Notifier, RunStarter, TicketBook, WakeUp, WakeUpStore } from "../domain/ports.ts";

/** How long a fired wake-up is put off: the node it enters clears it, and until then it fires again. */
const AGAIN_MS = 60_000;

export interface Alarm {
  /** Enters the runs whose time has come. */
  ring(): Promise<void>;
  /** Milliseconds since the epoch, or null when nothing waits. */
  nextDueAt(): Promise<number | null>;
}

/** Stored times at which runs are entered again. At least once: a node that is entered twice finds its work done. */
export function createAlarm(deps: {
  wakeUps: WakeUpStore;
  tickets: TicketBook;
  starter: RunStarter;
  notifier: Notifier;
  audit: AuditLog;
  clock: Clock;
}): Alarm {
  return {
    async ring() {
      const now = deps.clock.now();
      for (const wakeUp of await deps.wakeUps.due(now)) {
        if (wakeUp.kind === "remind") await remind(deps, wakeUp);
        else {
          await deps.wakeUps.set({ ...wakeUp, dueAt: now + AGAIN_MS });
          await deps.starter.start(wakeUp.ticketId, { entry: wakeUp.kind, ticketId: wakeUp.ticketId });
        }
      }
    },
    nextDueAt: () => deps.wakeUps.nextDueAt(),
  };
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
    ticketId: ticket.id,
    title: ticket.title,
    text: `still waiting for a person: ${ticket.approval.reasons.join("; ")}`,
    request: ticket.approval,
  });
}
