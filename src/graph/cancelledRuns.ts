import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import { isClosed } from "../domain/ticket.ts";

/** The state of a thread. `left`: it has work to do and no run executes it. */
export type ThreadState = "busy" | "asking" | "left" | "done";

/** What `settleCancelledRun` needs. */
export interface CancelledRunDeps {
  tickets: TicketBook;
  starter: Pick<RunStarter, "start">;
  /** Delivers a claimed answer if the question is open now. */
  resumeNow: RunStarter["resume"];
  threadStateOf(threadId: string): Promise<ThreadState>;
  log: Log;
}

const LOOK_MS = 100;

/**
 * Takes care of a ticket whose run was cancelled through the API. It waits until no run executes. A run that was cut
 * off in the middle is then escalated to a person. An answer whose run was cancelled before it began is delivered
 * again. Never throws: a failure is logged.
 */
export async function settleCancelledRun(deps: CancelledRunDeps, ticketId: string): Promise<void> {
  try {
    while ((await deps.threadStateOf(ticketId)) === "busy") await delay(LOOK_MS);
    const ticket = await deps.tickets.get(ticketId);
    if (ticket === null || isClosed(ticket.state)) return;
    const stand = await deps.threadStateOf(ticketId);
    const last = ticket.decisions.at(-1);
    if (stand === "left") {
      const cause = "its run was cancelled through the LangGraph API; guide it to go on";
      await deps.starter.start(ticketId, { entry: "escalate", ticketId, cause });
    } else if (stand === "asking" && ticket.approval === null && last !== undefined) {
      await deps.resumeNow(ticketId, last);
    }
  } catch (error) {
    deps.log.error("a cancelled run could not be looked after", { ticket: ticketId, error: messageOf(error) });
  }
}

/**
 * Calls `settleCancelledRun` at start for every open ticket whose thread is `left`: the previous process may have ended
 * before it did so.
 */
export async function settleCancelledRuns(deps: CancelledRunDeps): Promise<void> {
  for (const ticket of await deps.tickets.list({ open: true })) {
    if (!isClosed(ticket.state) && (await deps.threadStateOf(ticket.id)) === "left")
      await settleCancelledRun(deps, ticket.id);
  }
}
