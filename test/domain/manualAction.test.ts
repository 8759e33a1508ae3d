import { describe, expect, it } from "vitest";
import { type StartFacts, startRefusal } from "../../src/domain/manualAction.ts";
import type { Ticket, TicketState } from "../../src/domain/ticket.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

const facts = (ticket: Partial<Ticket>, more: Partial<StartFacts> = {}): StartFacts => ({
  ticket: buildTicket({ approval: null, ...ticket }),
  level: "supervised",
  other: null,
  ...more,
});

describe("work that a person starts", () => {
  const states: [TicketState, string | null][] = [
    ["open", null],
    ["planning", "busy"],
    ["coding", "busy"],
    ["testing", "busy"],
    ["reviewing", "busy"],
    ["awaitingApproval", "busy"],
    ["escalated", "busy"],
    ["deploying", "busy"],
    ["soaking", "watched"],
    ["healed", "healed"],
    ["rolledBack", null],
    ["abstained", null],
    ["proposed", null],
    ["rejected", null],
    ["dismissed", null],
  ];
  it.each(states)("on a ticket that is %s: %s", (state, code) => {
    expect(startRefusal(facts({ state }))?.code ?? null).toBe(code);
  });

  it.each([
    ["a question is open", { ...facts({}), ticket: buildTicketAwaitingApproval() }, "questionOpen"],
    ["somebody else was faster", facts({ state: "open", startedBy: "bob" }), "busy"],
    ["another ticket is open on the Issue", facts({ state: "abstained" }, { other: "t-2" }), "otherTicket"],
    ["the service is in observe", facts({ state: "open" }, { level: "observe" }), "observeOnly"],
  ] as const)("is refused when %s", (_, given, code) => {
    expect(startRefusal(given)?.code).toBe(code);
  });
});
