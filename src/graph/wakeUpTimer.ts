import type { CanaryWatch } from "../agents/deployer/watchCanaryDuringApproval.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { WakeUp, WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { remindPerson } from "./remindPerson.ts";

/** How long a fired wake-up is postponed, milliseconds. The node it enters clears it; until then it fires again. */
const AGAIN_MS = 60_000;

/** Enters runs again at stored times. */
export interface WakeUpTimer {
  /** Enters the runs whose time has come. */
  fireDue(): Promise<void>;
  /** Milliseconds since the epoch. null when no wake-up is stored. */
  nextDueAt(): Promise<number | null>;
}

/**
 * How long a canary check is postponed while an answer on its ticket is being delivered, milliseconds. That answer's
 * run decides about the canary.
 */
const ANSWERED_MS = 10_000;

/**
 * Creates the timer for stored wake-ups. Each one fires at least once: a node that is entered twice finds its work
 * done.
 */
export function createWakeUpTimer(deps: {
  wakeUps: WakeUpStore;
  tickets: TicketBook;
  starter: RunStarter;
  notifier: Notifier;
  audit: AuditLog;
  clock: Clock;
  /** Whether the kill switch is on. While it is, a deployment that waits keeps its row. */
  paused: () => Promise<boolean>;
  /** Checks a canary while a person is asked about its ticket. */
  watchCanary: CanaryWatch;
}): WakeUpTimer {
  return {
    async fireDue() {
      const now = deps.clock.now();
      for (const wakeUp of await deps.wakeUps.due(now)) {
        if (wakeUp.kind === "remind") await remindPerson(deps, wakeUp);
        else if (wakeUp.kind === "stuck") await escalateStuck(deps, wakeUp);
        else await enter(deps, { ...wakeUp, kind: wakeUp.kind }, now);
      }
    },
    nextDueAt: () => deps.wakeUps.nextDueAt(),
  };
}

type EnterDeps = Pick<
  Parameters<typeof createWakeUpTimer>[0],
  "wakeUps" | "tickets" | "starter" | "paused" | "watchCanary"
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
    const againMs = ticket.approval === null ? ANSWERED_MS : await deps.watchCanary(ticketId);
    if (againMs === null) return deps.wakeUps.clear(ticketId, kind);
    return deps.wakeUps.postpone(wakeUp, now + againMs);
  }
  // While the switch is on, nothing new starts. A canary that has started is still watched, and removed where needed.
  if ((kind === "deploy" || kind === "start") && (await deps.paused())) return;
  // Start first, then postpone. A process that ends in between enters the run twice, which is harmless, and does not
  // enter it a minute late.
  if (kind !== "start") await deps.starter.start(ticketId, { entry: kind, ticketId });
  else await deps.starter.start(ticketId, { entry: "ticket", ticketId, startedBy: ticket.startedBy || "unknown" });
  // Has no effect if the run was quick and has cleared or replaced the wake-up.
  await deps.wakeUps.postpone(wakeUp, now + AGAIN_MS);
}

/**
 * A ticket that a person closed may leave a canary, which the deployer removes. A ticket that was rolled back has none.
 */
function mayHaveCanary({ kind }: WakeUp, { state }: Ticket): boolean {
  return kind === "canary" && state !== "rolledBack";
}

/** An agent had no heartbeat for too long: its run is stopped, and a person is asked. */
async function escalateStuck(
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
