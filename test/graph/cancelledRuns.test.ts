import { describe, expect, it } from "vitest";
import type { ApprovalDecision } from "../../src/domain/approval.ts";
import type { RunInput } from "../../src/domain/runState.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import {
  type CancelledRunDeps,
  settleCancelledRun,
  settleCancelledRuns,
  type ThreadState,
} from "../../src/graph/cancelledRuns.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

const yes: ApprovalDecision = { type: "approve", by: "ada", message: "" };
const atWork = buildTicket({ state: "coding" });
const asking = buildTicketAwaitingApproval();
const answered = buildTicket({ state: "awaitingApproval", decisions: [yes] });
const closed = buildTicket({ state: "dismissed", closedAt: 1 });

/** The threads stand as scripted, one look after the other; the last one stays. What was done is kept. */
function bench(tickets: readonly Ticket[], stands: Record<string, ThreadState[]>) {
  const done: string[] = [];
  const looks: string[] = [];
  const books: Partial<CancelledRunDeps["tickets"]> = {
    get: async (id) => tickets.find((ticket) => ticket.id === id) ?? null,
    list: async () => [...tickets],
  };
  const deps: CancelledRunDeps = {
    tickets: books as CancelledRunDeps["tickets"],
    starter: {
      start: async (id, input: RunInput) =>
        void done.push(`${input.entry} ${id} ${"cause" in input ? input.cause : ""}`),
    },
    resumeNow: async (id, { type }) => void done.push(`${type} ${id}`),
    async threadStateOf(id) {
      looks.push(id);
      const [stand, ...later] = stands[id] ?? [];
      if (stand === undefined) throw new Error(`nobody scripted where ${id} stands`);
      if (later.length > 0) stands[id] = later;
      return stand;
    },
    log: { info: () => undefined, warn: () => undefined, error: (message) => void done.push(`error: ${message}`) },
  };
  return { deps, done, looks };
}

const escalated = (id: string) => `escalate ${id} its run was cancelled through the LangGraph API; guide it to go on`;

describe("a ticket whose run was cancelled from outside", () => {
  it.each<[string, Ticket, ThreadState[], string[]]>([
    ["in the middle: a person is asked", atWork, ["left"], [escalated(atWork.id)]],
    ["in the middle, once nothing runs any more", atWork, ["busy", "busy", "left"], [escalated(atWork.id)]],
    ["at its question, which stays open", asking, ["asking"], []],
    ["before its answer was taken: it is delivered again", answered, ["asking"], [`approve ${answered.id}`]],
    ["after its end", atWork, ["done"], []],
    ["though its ticket is closed", closed, ["left"], []],
  ])("%s", async (_, ticket, stands, wanted) => {
    const { deps, done } = bench([ticket], { [ticket.id]: stands });
    await settleCancelledRun(deps, ticket.id);
    expect(done).toEqual(wanted);
  });

  it("that is not there any more is left alone", async () => {
    const { deps, done } = bench([], { gone: ["left"] });
    await settleCancelledRun(deps, "gone");
    expect(done).toEqual([]);
  });

  it("whose thread cannot be read is on the log, and brings nothing else down", async () => {
    const { deps, done } = bench([atWork], {});
    await settleCancelledRun(deps, atWork.id);
    expect(done).toEqual(["error: a cancelled run could not be looked after"]);
  });

  it("is found at the start, when the process ended before it got to it; what waits or is closed is not touched", async () => {
    const stands = {
      [atWork.id]: ["left" as const],
      [asking.id]: ["asking" as const],
      [answered.id]: ["asking" as const],
    };
    const { deps, done, looks } = bench([atWork, asking, answered, closed], stands);
    await settleCancelledRuns(deps);
    expect(done).toEqual([escalated(atWork.id)]);
    expect(looks).not.toContain(closed.id);
  });
});
