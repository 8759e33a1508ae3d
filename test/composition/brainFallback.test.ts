import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { CoderBrain, CoderInput, CoderResult } from "../../src/agents/coder/contract.ts";
import type { PlannerBrain } from "../../src/agents/planner/contract.ts";
import { createModelPlanner } from "../../src/agents/planner/model.ts";
import { coderRulesThenModel, plannerRulesThenModel } from "../../src/composition/brainFallback.ts";
import { ModelError, type ModelErrorCode } from "../../src/domain/modelError.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { BROKEN_LINE, type Cart, FIXED_LINE, openCart } from "../helpers/cartRepository.ts";
import { modelCoder } from "../helpers/modelCoder.ts";
import { STEP_TOKENS, type Step, scriptedModel } from "../helpers/scriptedModel.ts";

let cart: Cart;
beforeAll(async () => {
  cart = await openCart();
});
afterEach(() => vi.restoreAllMocks());

const signal = new AbortController().signal;
const fails = (code: ModelErrorCode): Step => ({
  error: new ModelError(code, "it says no", { usage: { inputTokens: 4, outputTokens: 1 } }),
});

describe("planner: rules, then model", () => {
  const rules = (plan: Partial<Plan>): PlannerBrain => ({
    name: "rules",
    plan: async () => ({ plan: { ...cart.plan, by: "rules", reason: "no frame", ...plan }, tokens: 0 }),
  });
  const reply = {
    action: "fix",
    rootCause: "r",
    files: ["src/cart.js"],
    culprits: [],
    reason: "there",
    wouldChangeMind: "",
  };
  const plan = (first: PlannerBrain, ...steps: Step[]) =>
    plannerRulesThenModel(first, createModelPlanner({ model: scriptedModel(...steps) })).plan({
      ...cart,
      guidance: "",
      signal,
    });

  it("a plan by rules costs nothing and asks nobody", async () => {
    expect(await plan(rules({}))).toMatchObject({ plan: { by: "rules" }, tokens: 0 });
  });

  it("where the rules abstain the model plans, and both are named", async () => {
    const { plan: made, tokens } = await plan(rules({ action: "abstain" }), { value: reply });
    expect(made).toMatchObject({
      action: "fix",
      by: "model:scripted@planner-3",
      reason: "there (rules abstained: no frame)",
    });
    expect(tokens).toBe(STEP_TOKENS);
  });

  it.each(["model.quota", "model.badReply", "model.unauthorized", "model.refused"] as const)(
    "%s: the rules' abstention stands, and says why nobody else was asked",
    async (code) => {
      const { plan: made, tokens } = await plan(rules({ action: "abstain" }), fails(code));
      expect(made).toMatchObject({ action: "abstain", by: "rules" });
      expect(made.reason).toBe("no frame; model:scripted@planner-3 could not be asked: it says no");
      expect(tokens).toBe(5);
    },
  );

  it.each(["model.unavailable", "model.rateLimited", "model.timeout", "model.aborted"] as const)(
    "%s goes up: an outage is no reason to give up a ticket",
    async (code) => {
      await expect(plan(rules({ action: "abstain" }), fails(code))).rejects.toMatchObject({ code });
    },
  );
});

describe("coder: rules, then model", () => {
  const rules = (result: Partial<CoderResult>, leave = ""): CoderBrain => ({
    name: "rules",
    code: async ({ workspace }) => {
      if (leave !== "") await workspace.write("src/checkout.js", leave);
      const abstained = {
        kind: "abstained",
        reason: "no template",
        wouldChangeMind: "one more",
        rejected: ["nullGuard"],
        tokens: 0,
      };
      return { ...abstained, ...result } as CoderResult;
    },
  });
  const fix: Step = {
    calls: [
      { name: "edit", args: { path: "src/cart.js", search: BROKEN_LINE, replace: FIXED_LINE } },
      { name: "run_tests", args: {} },
      { name: "finish", args: { explanation: "e" } },
    ],
  };
  async function code(first: CoderBrain, ...steps: Step[]) {
    const model = scriptedModel(...steps);
    const input: CoderInput = {
      ...cart,
      attempt: 2,
      rejectedDigests: [],
      feedback: "suite red",
      guidance: "",
      tokenBudget: 1000,
      signal,
    };
    await cart.workspace.reset();
    const result = await coderRulesThenModel(first, modelCoder(model, { maxToolCalls: 9 })).code(input);
    return { result, model, diff: await cart.workspace.diff() };
  }

  it("a patch by rules costs nothing and asks nobody", async () => {
    const { result } = await code(rules({ kind: "patch", by: "rules:nullGuard", explanation: "x" }));
    expect(result).toMatchObject({ kind: "patch", by: "rules:nullGuard", tokens: 0 });
  });

  it("where the rules abstain the model works on a clean tree, told what was tried", async () => {
    const { result, model, diff } = await code(rules({}, "leftover\n"), fix);
    expect(result).toMatchObject({
      kind: "patch",
      by: "model:scripted@coder-4",
      rejected: ["nullGuard"],
      tokens: STEP_TOKENS,
    });
    expect(diff).toContain(FIXED_LINE);
    expect(diff).not.toContain("leftover");
    const prompt = model.asked[0]?.at(-1)?.content ?? "";
    expect(prompt).toContain("suite red\nrules abstained: no template\nrules tried nullGuard");
  });

  it("when both abstain both say why", async () => {
    const { result } = await code(rules({}), {
      calls: [{ name: "abstain", args: { reason: "a disk is full", would_change_mind: "space" } }],
    });
    expect(result).toMatchObject({
      kind: "abstained",
      reason: "a disk is full (before that, rules: no template)",
      wouldChangeMind: "space; one more",
    });
  });

  it("a model that cannot be had leaves the rules' word and a clean tree", async () => {
    const { result, diff } = await code(rules({}, "leftover\n"), fails("model.quota"));
    expect(result).toMatchObject({ kind: "abstained", tokens: 5 });
    expect(result.kind === "abstained" && result.reason).toBe(
      "no template; model:scripted@coder-4 could not be asked: it says no",
    );
    expect(diff).toBe("");
  });

  it("an outage goes up", async () => {
    await expect(code(rules({}), fails("model.unavailable"))).rejects.toMatchObject({ code: "model.unavailable" });
  });

  it("a fault of ours is not taken for one of the model", async () => {
    vi.spyOn(cart.workspace, "files").mockRejectedValue(new Error("disk"));
    await expect(code(rules({}))).rejects.toThrow("disk");
  });
});
