import { describe, expect, it } from "vitest";
import type { ApprovalDecision } from "../../src/domain/approval.ts";
import { isAnswerPending } from "../../src/graph/redeliverAnswers.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

const yes: ApprovalDecision = { type: "approve", by: "ada", message: "" };
const claimed = buildTicket({ state: "awaitingApproval", decisions: [yes] });

describe("whether an answer may still be handed to the run", () => {
  it.each([
    ["it is the last one, and nothing is open", claimed, true],
    [
      "it reached the run, which asks the next question by now",
      { ...buildTicketAwaitingApproval(), decisions: [yes] },
      false,
    ],
    ["it is the last one, and the question was opened again", buildTicketAwaitingApproval(), false],
    ["somebody answered the next question", { ...claimed, decisions: [yes, { ...yes, by: "bob" }] }, false],
    ["the ticket is gone", null, false],
  ])("%s: %s", (_, ticket, still) => {
    expect(isAnswerPending(ticket, yes)).toBe(still);
  });
});
