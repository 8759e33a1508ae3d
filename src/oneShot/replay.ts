import type { System } from "../composition/compose.ts";
import { ticketId } from "../domain/ids.ts";
import type { ReplayedTicket, ReplayReport, ReplayRequest } from "../domain/oneShot.ts";
import type { RunState } from "../domain/runState.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { healVerdict } from "./heal.ts";
import { batchOf, type LocalWorld, readLocalEvent, settled, withLocalSystem } from "./localSystem.ts";

/** Gate conditions that depend on the autonomy level and not on the Patch. */
const LEVEL = ["autonomyFull"];

/**
 * Runs the same graph over a history of events, and reports what would have happened to each ticket. Nothing is
 * written, deployed or asked. Events that cannot be read are listed with their faults. Throws SelfhealError
 * `interrupted`.
 */
export function replayEvents(request: ReplayRequest, world: LocalWorld): Promise<ReplayReport> {
  const startedAt = world.clock.now();
  return withLocalSystem(request, world, async (system, runner) => {
    const read = request.events.map((wire) => readLocalEvent(wire, request.repo, startedAt));
    const events = read.flatMap((one) => (one.kind === "event" ? [one.event] : []));
    const unreadable = read.flatMap((one, index) => (one.kind === "invalid" ? [{ index, faults: one.faults }] : []));
    const batch = await batchOf(system.stores, events, startedAt);
    if (batch !== null) {
      await runner.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id });
      await settled(runner, world);
    }
    const tickets = (await system.stores.tickets.list()).toReversed();
    const spent = await system.stores.spend.sum({});
    return {
      events: events.length,
      unreadable,
      issues: batch?.issueIds.length ?? 0,
      tickets: await Promise.all(tickets.map((ticket) => lineOf(system, ticket))),
      tokens: spent.tokens,
      usd: spent.usd,
      unpriced: spent.unpriced,
      durationMs: world.clock.now() - startedAt,
    };
  });
}

async function lineOf({ stores, graph }: System, ticket: Ticket): Promise<ReplayedTicket> {
  const issues = await Promise.all(ticket.issueIds.map((id) => stores.issues.get(id)));
  const events = issues.reduce((sum, issue) => sum + (issue?.count ?? 0), 0);
  const diff = ticket.patch === null ? null : await stores.blobs.get(ticket.patch.digest);
  const state = await graph.getState({ configurable: { thread_id: ticket.id } });
  const { failed = "", cause = "" } = state.values as Partial<RunState>;
  const broke = failed !== "" || !(isClosed(ticket.state) || ticket.state === "escalated");
  const verdict = broke ? ({ outcome: "failed", reason: cause || "the run broke off" } as const) : healVerdict(ticket);
  const short = (ticket.gate?.missing ?? []).filter((name) => !LEVEL.includes(name));
  const byItself = verdict.outcome === "patch" && ticket.gate?.verdict === "ask" && short.length === 0;
  return { ...verdict, ticket, events, diff, byItself, shortOf: verdict.outcome === "patch" ? short : [] };
}
