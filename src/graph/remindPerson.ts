import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { WakeUp, WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import { subjectOf } from "../domain/subject.ts";
import { questionKey } from "../tickets/askPerson.ts";

/** Nobody answered in time: sends a reminder and records it. The question stays open; silence never deploys. */
export async function remindPerson(
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
    title: subjectOf(ticket),
    text: `still waiting for a person: ${ticket.approval.reasons.join("; ")}`,
    request: ticket.approval,
  });
}
