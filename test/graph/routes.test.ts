import { END } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { RunState } from "../../src/domain/runState.ts";
import * as route from "../../src/graph/routes.ts";

const state = (change: Partial<RunState>) => ({ ...RunState.parse({}), ...change });

describe("routes", () => {
  it.each([
    ["batch", "triage"],
    ["ticket", "planner"],
    ["deploy", "gate"],
    ["canary", "deployer"],
    ["verify", "verifier"],
  ] as const)("a run with entry %s starts at %s", (entry, node) => {
    expect(route.fromStart(state({ entry }))).toBe(node);
  });

  it("a batch without a free Issue ends after triage", () => {
    expect(route.afterTriage(state({ ticketId: "" }))).toBe(END);
    expect(route.afterTriage(state({ ticketId: "t" }))).toBe("startSiblings");
  });

  it.each([
    [{ planAction: "fix", question: "none" }, "coder"],
    [{ planAction: "fix", question: "approvePlan" }, "approvePlan"],
    [{ planAction: "abstain" }, END],
    [{ planAction: "none" }, END],
  ] as const)("after the planner %o → %s", (change, node) => {
    expect(route.afterPlanner(state(change))).toBe(node);
  });

  it.each([
    [{ testing: "good", attempt: 3 }, "securityReviewer"],
    [{ testing: "bad", attempt: 1 }, "coder"],
    [{ testing: "bad", attempt: 3 }, "escalation"],
    [{ testing: "infrastructure", attempt: 1 }, "escalation"],
    [{ testing: "none", attempt: 1 }, "escalation"],
  ] as const)("after the tester %o → %s", (change, node) => {
    expect(route.afterTester(3)(state(change))).toBe(node);
  });

  it.each([
    ["auto", "deployer"],
    ["approved", "deployer"],
    ["ask", "approveDeploy"],
    ["propose", END],
    ["refuse", "escalation"],
    ["none", "escalation"],
  ] as const)("verdict %s → %s: only a yes reaches the deployer", (verdict, node) => {
    expect(route.afterGate(state({ verdict }))).toBe(node);
  });

  it.each([
    ["recurred", "escalation"],
    ["unknown", "escalation"],
    ["soaking", END],
    ["held", END],
  ] as const)("after the verifier %s → %s", (verifying, node) => {
    expect(route.afterVerifier(state({ verifying }))).toBe(node);
  });

  it.each([
    [{ decision: "approve", question: "approveDeploy" }, "gate"],
    [{ decision: "approve", question: "approvePlan" }, "coder"],
    [{ decision: "edit", question: "approveDeploy" }, "tester"],
    [{ decision: "guide", question: "escalate" }, "planner"],
    [{ decision: "unreadable", question: "escalate" }, "escalation"],
    [{ decision: "unreadable", question: "approveDeploy" }, "gate"],
    [{ decision: "reject", question: "approveDeploy" }, END],
    [{ decision: "dismiss", question: "escalate" }, END],
    [{ decision: "takeOver", question: "escalate" }, END],
    [{ decision: "none", question: "escalate" }, END],
  ] as const)("answer %o → %s", (change, node) => {
    expect(route.afterAnswer(state(change))).toBe(node);
  });

  it.each([
    ["moved", "port"],
    ["failed", "escalation"],
    ["unknown", "escalation"],
    ["held", "approveDeploy"],
    ["canary", END],
    ["live", END],
    ["busy", END],
    ["none", END],
  ] as const)("deploying %s → %s", (deploying, node) => {
    expect(route.afterDeployer(state({ deploying }))).toBe(node);
  });

  it("an escalation without a ticket ends: there is nobody to ask about what", () => {
    expect(route.afterEscalation(state({ question: "none" }))).toBe(END);
    expect(route.afterEscalation(state({ question: "escalate" }))).toBe("escalate");
  });
});
