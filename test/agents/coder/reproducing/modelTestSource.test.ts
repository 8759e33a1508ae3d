import { beforeAll, describe, expect, it } from "vitest";
import { createModelTestSource } from "../../../../src/agents/coder/reproducing/modelTestSource.ts";
import type { TestSourceInput } from "../../../../src/agents/coder/reproducing/reproducer.ts";
import { createReproducer } from "../../../../src/agents/coder/reproducing/reproducer.ts";
import { ModelError } from "../../../../src/domain/modelError.ts";
import type { ReproductionRun } from "../../../../src/tools/tests/serviceCommands.ts";
import { type Cart, openCart } from "../../../helpers/cartRepository.ts";
import { STEP_TOKENS, type Step, scriptedModel } from "../../../helpers/scriptedModel.ts";

let cart: Cart;
beforeAll(async () => {
  cart = await openCart();
});

const IMPORT = 'import { count } from "../src/cart.js"';
const write = (body: string): Step => ({ calls: [{ name: "write_test", args: { imports: [IMPORT], body } }] });
const giveUp: Step = { calls: [{ name: "abstain", args: { reason: "no way in", would_change_mind: "a request" } }] };
const clock = { now: () => 0 };

const seen = (reproduced: ReproductionRun["reproduced"], why: string, tail = ""): ReproductionRun => ({
  observation: {
    command: "node --test",
    on: "base",
    end: { kind: "exit", code: 1 },
    durationMs: 1,
    sandbox: "none",
    output: "0".repeat(64),
    tail,
  },
  reproduced,
  coverage: [],
  why,
});

/** What a model's tests lead to, where each observation was scripted. */
async function search(steps: Step[], observations: ReproductionRun[], tokenBudget = 1000) {
  const model = scriptedModel(...steps);
  const contextBudget = { maxPromptTokens: 0, maxToolOutput: 8000 };
  const source = createModelTestSource({ model, clock, contextBudget, maxToolCalls: 20, maxCodingMs: 1000 });
  const left = [...observations];
  const observe: TestSourceInput["observe"] = async () => {
    const next = left.shift();
    if (next === undefined) throw new Error("nobody scripted this observation");
    return next;
  };
  const { workspace, event } = cart;
  const signal = new AbortController().signal;
  const proposed = await source.propose({ workspace, event, tokenBudget, signal, observe });
  return { ...proposed, model, left: left.length, diff: await workspace.diff() };
}

describe("a model that writes a test", () => {
  it("is told what its tests showed, until one holds; who wrote it is on record", async () => {
    const no = seen("no", "the reproduction passes");
    const load = seen("otherFailure", "it fails before the test begins");
    const yes = seen("yes", "TypeError at count (src/cart.js)");
    const found = await search(
      [write("count({ items: [] });"), write("count(1);"), write("count({});")],
      [no, load, yes],
    );
    expect(found.tests).toMatchObject([
      {
        kind: "modelTest",
        origin: "constructed",
        by: "model:scripted@test-1",
        path: expect.stringMatching(/^test\/cart\..+\.test\.js$/),
      },
    ]);
    expect(found.tests[0]?.content).toContain("  count({});\n");
    expect(found).toMatchObject({ tokens: 3 * STEP_TOKENS, notes: [no.why, load.why], diff: "" });
    expect(found.model.asked[2]?.at(-1)?.content).toContain("it fails before the test begins");
  });

  it("gives up, and says why", async () => {
    const found = await search([giveUp], []);
    expect(found).toMatchObject({ tests: [], notes: ["it gave up: no way in"], tokens: STEP_TOKENS });
  });

  it("writes no more than so many, refused ones counted", async () => {
    const forged = write("throw new TypeError();");
    const found = await search(
      Array.from({ length: 6 }, () => forged),
      [],
    );
    expect(found.tests).toEqual([]);
    expect(found.notes.at(-1)).toBe("6 tests were written in vain");
    expect(found.notes[0]).toMatch(/^refused: throwsItself: /);
  });

  it.each([
    ["tokens", 0, [], "the token budget is spent (0 of 0)"],
    [
      "money",
      1000,
      [{ error: new ModelError("model.budget", "maxUsdPerDay (1) is spent") }],
      "maxUsdPerDay (1) is spent",
    ],
    ["a model that refuses", 1000, [{ error: new ModelError("model.refused", "no") }], "it could not be asked: no"],
  ] as [string, number, Step[], string][])("ends at its limits: %s", async (_, budget, steps, note) => {
    expect((await search(steps, [], budget)).notes).toEqual([note]);
  });

  it("an outage is no abstention: the step is tried again", async () => {
    const down: Step = { error: new ModelError("model.unavailable", "503") };
    await expect(search([down], [])).rejects.toMatchObject({ code: "model.unavailable" });
  });
});

it("what a source spends is counted, and its word does not count: the reproducer looks itself", async () => {
  const model = scriptedModel(write("count({});"), giveUp);
  const contextBudget = { maxPromptTokens: 0, maxToolOutput: 8000 };
  const source = createModelTestSource({ model, clock, contextBudget, maxToolCalls: 20, maxCodingMs: 1000 });
  const answers = [seen("yes", "here"), seen("otherFailure", "not again")];
  const runs = {
    prepare: async () => null,
    reproduce: async () => null,
    reproduceOnBase: async () => answers.shift() ?? null,
  };
  const { workspace, event } = cart;
  const found = await createReproducer({ runs, clock, sources: [source] }).find({
    workspace,
    event,
    signal: new AbortController().signal,
  });
  expect(found).toMatchObject({ kind: "none", tokens: STEP_TOKENS });
});
