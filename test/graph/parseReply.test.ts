import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReply } from "../../src/graph/approval.ts";
import { ALLOWED } from "../../src/graph/nodes/applyDecision.ts";

const deploy = ALLOWED.approveDeploy;
const text = (value: unknown) => JSON.stringify(value);

describe("parseReply", () => {
  it.each([
    ["LangChain's current form", { decisions: [{ type: "approve" }] }, "approve"],
    ["the old inbox's form", [{ type: "accept", args: null }], "approve"],
    ["a bare decision", { type: "reject", message: "no" }, "reject"],
    ["its name", "approve", "approve"],
    ["JSON in a text box", '{"decisions":[{"type":"approve"}]}', "approve"],
    ["an edit with its diff", { decisions: [{ type: "edit", editedAction: { args: { diff: "d" } } }] }, "edit"],
  ])("reads %s", (_, value, type) => {
    expect(parseReply(text(value), deploy)?.type).toBe(type);
  });

  it.each([
    ["nothing", null],
    ["true", true],
    ["a yes in words", "yes please"],
    ["two decisions", { decisions: [{ type: "approve" }, { type: "approve" }] }],
    ["no decision", { decisions: [] }],
    ["another question's answer", { type: "guide", message: "x" }],
    ["an edit without a diff", { type: "edit" }],
    ["a number for a type", { type: 1 }],
    ["approve in capitals", "APPROVE"],
    ["a nested list", [[{ type: "approve" }]]],
  ])("refuses %s", (_, value) => {
    expect(parseReply(text(value), deploy)).toBeNull();
  });

  it("maps what other tools call the three ways out of an escalation", () => {
    expect(parseReply(text([{ type: "response", args: "try the parser" }]), ALLOWED.escalate)).toMatchObject({
      type: "guide",
      message: "try the parser",
    });
    expect(parseReply(text([{ type: "ignore" }]), ALLOWED.escalate)?.type).toBe("dismiss");
    expect(parseReply(text({ type: "reject" }), ALLOWED.escalate)?.type).toBe("dismiss");
  });

  it("never throws, and never reads an approval out of what does not say so", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (reply) => {
        const parsed = parseReply(reply, deploy);
        if (parsed?.type === "approve") expect(reply).toMatch(/approve|accept/);
      }),
      { numRuns: 500 },
    );
  });
});
