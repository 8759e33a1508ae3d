import { expect, it } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { approvalStep } from "../../src/domain/twoPersonRule.ts";
import { buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

const base = buildTicketAwaitingApproval();
const { approval, patch } = base;
if (approval === null || patch === null) throw new Error("the built ticket asks nothing");
const clean = { patchDigest: patch.digest, by: ["scanners"], findings: [], unavailable: [] };
const finding = { rule: "protectedPath", weight: "soft", path: "src/auth.js", line: 0, message: "auth" } as const;

function stepOf(change: Partial<Ticket>, by: string, type: "approve" | "reject" = "approve", hasRule = true) {
  return approvalStep({ ...base, review: clean, ...change }, { type, by, message: "" }, hasRule);
}
const guided = { decisions: [{ type: "guide", by: "ada", message: "try" } as const] };

it.each([
  ["nobody was involved", {}, "ada", "decides"],
  ["they guided it", guided, "ada", "first"],
  ["they guided it, under another spelling of the name", guided, " Ada ", "first"],
  ["they edited it", { decisions: [{ type: "edit", by: "ada", message: "" }] }, "ada", "first"],
  ["the patch is theirs", { patch: { ...patch, by: "person:ada" } }, "ada", "first"],
  ["they started it", { contributors: ["ada", "bob"] }, "bob", "first"],
  ["somebody else guided it", guided, "bob", "decides"],
  ["it touches protected paths", { review: { ...clean, findings: [finding] } }, "bob", "first"],
  ["nobody reviewed it", { review: null }, "bob", "first"],
  ["the review is of another patch", { review: { ...clean, patchDigest: "0".repeat(64) } }, "bob", "first"],
  ["they are the second", { ...guided, approval: { ...approval, approvedBy: ["ada"] } }, "bob", "decides"],
  ["they are the first again", { ...guided, approval: { ...approval, approvedBy: ["ada"] } }, "ada", "first"],
  ["an e-mail link has no sure owner", {}, "bob@example.org (link)", "refused"],
  ["a link of a channel has no owner", {}, "answer link (slack)", "refused"],
] satisfies [string, Partial<Ticket>, string, string][])("an approval when %s", (_name, change, by, kind) => {
  expect(stepOf(change, by).kind).toBe(kind);
});

it("concerns approvals of a deployment alone, and services with the rule alone", () => {
  expect(stepOf(guided, "ada", "reject").kind).toBe("decides");
  expect(stepOf(guided, "ada", "approve", false).kind).toBe("decides");
  expect(stepOf({ ...guided, approval: { ...approval, kind: "approvePlan" } }, "ada").kind).toBe("decides");
});

it("names who approved, and why one more is needed", () => {
  expect(stepOf(guided, "ada")).toMatchObject({
    approval: { approvedBy: ["ada"] },
    needs: "Approved by ada. One more person must approve: ada started, guided or edited this work.",
  });
});
