import type { System } from "../composition/compose.ts";
import { InvalidInputError, SelfhealError } from "../domain/errors.ts";
import { atLeast } from "../domain/evidence.ts";
import { ticketId } from "../domain/ids.ts";
import type { OneShotRequest, OneShotResult } from "../domain/oneShot.ts";
import type { RunState } from "../domain/runState.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { batchOf, type LocalWorld, readLocalEvent, settled, withLocalSystem } from "./localSystem.ts";

/**
 * Runs the same graph on one Event, over a temporary data folder. The repository is only read. Throws InvalidInputError
 * `event` for an event that cannot be read, SelfhealError `interrupted` when the signal was aborted, and `runFailed`
 * when a node failed.
 */
export function healOnce(request: OneShotRequest, world: LocalWorld): Promise<OneShotResult> {
  const startedAt = world.clock.now();
  return withLocalSystem(request, world, async (system, runner) => {
    const read = readLocalEvent(request.event, request.repo, startedAt);
    if (read.kind === "invalid") throw new InvalidInputError("event", read.faults);
    const batch = await batchOf(system.stores, [read.event], startedAt);
    if (batch === null) throw new SelfhealError("runFailed", "the event made no batch");
    const id = ticketId(batch.id, 0);
    await runner.start(id, { entry: "batch", batchId: batch.id });
    await settled(runner, world);
    const ticket = await endOf(system, id);
    const diff = ticket.patch === null ? null : await system.stores.blobs.get(ticket.patch.digest);
    return { ...healVerdict(ticket), ticket, diff, durationMs: world.clock.now() - startedAt };
  });
}

/**
 * The ticket at the end of its run. An abstention is a result. A run that stopped early, or a node that threw, throws
 * SelfhealError `runFailed`.
 */
async function endOf(system: System, id: string): Promise<Ticket> {
  const ticket = await system.stores.tickets.get(id);
  const state = await system.graph.getState({ configurable: { thread_id: id } });
  const { failed, cause } = state.values as Partial<RunState>;
  if (failed !== undefined && failed !== "") throw new SelfhealError("runFailed", cause ?? `${failed} failed`);
  if (ticket !== null && (isClosed(ticket.state) || ticket.state === "escalated")) return ticket;
  const where = ticket === null ? "before it had a ticket" : `while it was ${ticket.state}`;
  throw new SelfhealError("runFailed", `the run broke off ${where}; the log above says why`);
}

/** The outcome of a ticket. A patch counts only if a person may apply it and its Evidence has grade E1 or better. */
export function healVerdict(ticket: Ticket): Pick<OneShotResult, "outcome" | "reason"> {
  const grade = ticket.evidence?.grade ?? "none";
  if (ticket.state === "proposed" && atLeast(grade, "E1")) return { outcome: "patch", reason: `evidence ${grade}` };
  if (ticket.state !== "proposed") return { outcome: "abstained", reason: ticket.reason };
  const shortfalls = ticket.evidence?.shortfalls.join(", ") ?? "";
  return { outcome: "abstained", reason: `there is a patch, but only with evidence ${grade}: ${shortfalls}` };
}
