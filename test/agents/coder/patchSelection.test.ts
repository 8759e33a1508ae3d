import { beforeAll, describe, expect, it } from "vitest";
import type { CoderInput, QuickCheck } from "../../../src/agents/coder/contract.ts";
import type { ModelCoderOptions } from "../../../src/agents/coder/model.ts";
import { type Candidate, chooseCandidate, onlyCatches } from "../../../src/agents/coder/patchSelection.ts";
import { fitted } from "../../../src/agents/prompting/contextBudget.ts";
import { ModelError } from "../../../src/domain/modelError.ts";
import type { ChatTurn } from "../../../src/domain/ports/chatModel.ts";
import type { Clock } from "../../../src/domain/ports/clock.ts";
import { BROKEN_LINE, type Cart, FIXED_LINE, openCart } from "../../helpers/cartRepository.ts";
import { modelCoder } from "../../helpers/modelCoder.ts";
import { STEP_TOKENS, type Step, scriptedModel } from "../../helpers/scriptedModel.ts";

let cart: Cart;
beforeAll(async () => {
  cart = await openCart();
});

const CATCHING = "  try { return cart.items.length; } catch (error) { return 0; }";
const OTHER = "  return cart.items === undefined ? -1 : cart.items.length;";
const calls = (...list: [string, unknown?][]): Step => ({ calls: list.map(([name, args = {}]) => ({ name, args })) });
const edit = (replace: string, search = BROKEN_LINE): [string, unknown] => [
  "edit",
  { path: "src/cart.js", search, replace },
];
const finish = (explanation: string): [string, unknown] => ["finish", { explanation }];
const whole = (line: string, why = line.trim()): Step => calls(edit(line), ["run_tests"], finish(why));
const giveUp = calls(["abstain", { reason: "no more ideas", would_change_mind: "w" }]);
const look = calls(["git_log"]);

/** What the check shows, by what stands in the file. Nothing is run. */
function checks(seen: (code: string) => Partial<QuickCheck>): CoderInput["check"] {
  return async ({ suite }) => {
    const code = await cart.workspace.read("src/cart.js");
    const red = { reproductionPassed: false, suitePassed: null, summary: "TypeError: still there" };
    if (code.includes(BROKEN_LINE)) return red;
    return { reproductionPassed: true, suitePassed: suite ? true : null, summary: "", ...seen(code) };
  };
}
const green = checks(() => ({}));

async function run(
  steps: Step[],
  more: Partial<CoderInput> = {},
  options: Partial<ModelCoderOptions> = {},
  clock?: Clock,
) {
  const model = scriptedModel(...steps);
  const input: CoderInput = {
    ...cart,
    check: green,
    attempt: 1,
    rejectedDigests: [],
    feedback: "",
    guidance: "",
    tokenBudget: 1_000_000,
    signal: new AbortController().signal,
    ...more,
  };
  const result = await modelCoder(model, options, clock).code(input);
  return { result, model, asked: model.asked, diff: await cart.workspace.diff() };
}

describe("one candidate after another", () => {
  it("begins anew on a clean tree when its checks keep failing, told in short what was tried", async () => {
    const check = checks((code) => (code.includes("?.") ? {} : { reproductionPassed: false, summary: "still red" }));
    const failing = calls(edit("  return 1;"), ["run_tests"], edit("  return 2;", "  return 1;"), ["run_tests"]);
    const { result, asked, diff } = await run([failing, whole(FIXED_LINE)], { check });
    expect(result).toMatchObject({ kind: "patch", tokens: 2 * STEP_TOKENS });
    expect(result.rejected).toEqual([expect.stringContaining("still red"), expect.stringContaining("still red")]);
    expect(diff).not.toContain("return 2");
    expect(asked[1]).toHaveLength(2);
    const told = asked[1]?.[1]?.content ?? "";
    expect(told).toContain("Candidate 1 did not hold");
    expect(told).toMatch(/^\+ {2}return 2;$/m);
    expect(told).toContain("TypeError: still there");
  });

  it("ends after so many, with a clean tree", async () => {
    const check = checks(() => ({ reproductionPassed: false, summary: "red" }));
    const failing = calls(edit("  return 1;"), ["run_tests"], ["run_tests"]);
    const { result, diff } = await run([failing, failing], { check }, { maxCandidates: 2 });
    expect(result).toMatchObject({
      kind: "abstained",
      reason: "none of 2 candidate patches held; the checks failed 2 times; the last run_tests failed",
    });
    expect(diff).toBe("");
  });

  it("looks for something better than a patch that only catches", async () => {
    const { result, diff } = await run([whole(CATCHING), whole(FIXED_LINE, "repairs")]);
    expect(result).toMatchObject({ kind: "patch", explanation: "repairs" });
    expect(diff).not.toContain("catch");
    const last = await run([whole(CATCHING, "catches"), giveUp]);
    expect(last.result).toMatchObject({ kind: "patch", explanation: expect.stringMatching(/^catches It catches/) });
    expect(last.diff).toContain("catch");
  });
});

describe("several that hold", () => {
  const two = { compareCandidates: 2 };
  it("the same change twice is one", async () => {
    const { result, asked } = await run([whole(FIXED_LINE), whole(FIXED_LINE)], {}, two);
    expect(result.kind).toBe("patch");
    expect(asked[1]?.[1]?.content).not.toContain("did not hold");
  });

  it("two that behave differently mean silence, with both on record", async () => {
    const printed = checks((code) => ({ output: code.includes("-1") ? "-1" : "0" }));
    const { result, diff } = await run([whole(FIXED_LINE, "A"), whole(OTHER, "B")], { check: printed }, two);
    expect(result).toMatchObject({ kind: "abstained", reason: "two patches hold and behave differently: A; or B" });
    expect(result.rejected).toHaveLength(2);
    expect(diff).toBe("");
  });

  it("what a test prints tells nothing; what the code returns does", async () => {
    const own = { kind: "call", origin: "constructed", path: "test/x.test.js" } as const;
    const same = checks(() => ({ output: "1 passed" }));
    const steps = () => [whole(FIXED_LINE, "A"), whole(OTHER, "B")];
    const unknown = await run(steps(), { check: same, reproduction: own }, two);
    expect(unknown.result.kind).toBe("abstained");
    const behaviour = async () => "count({}) is 0";
    const known = await run(steps(), { check: same, reproduction: own, behaviour }, two);
    expect(known.result).toMatchObject({ kind: "patch", explanation: "A" });
  });
});

describe("limits, each with what is told", () => {
  it("time", async () => {
    let now = 0;
    const clock = { now: () => (now += 10) };
    const { result } = await run([look, look], {}, { maxCodingMs: 25 }, clock);
    expect(result).toMatchObject({
      kind: "abstained",
      reason: expect.stringContaining("the time for it is over (25 ms)"),
    });
  });

  it("money: what holds already is a patch", async () => {
    const spent: Step = {
      error: new ModelError("model.budget", "budgets.maxUsdPerTicket (1) is spent; no model is asked"),
    };
    const none = await run([look, spent]);
    expect(none.result).toMatchObject({
      kind: "abstained",
      reason: expect.stringContaining("maxUsdPerTicket (1) is spent"),
      tokens: STEP_TOKENS,
    });
    const held = await run([whole(FIXED_LINE, "A"), spent], {}, { compareCandidates: 2 });
    expect(held.result).toMatchObject({ kind: "patch", explanation: "A" });
  });

  it("replies that cannot be read", async () => {
    const usage = { inputTokens: 7, outputTokens: 0 };
    const bad: Step = { error: new ModelError("model.badReply", "garbage", { usage }) };
    const { result } = await run([bad, bad]);
    expect(result).toMatchObject({
      kind: "abstained",
      reason: expect.stringContaining("stopped using its tools"),
      tokens: 14,
    });
  });
});

describe("an exception that was not seen to happen", () => {
  const none = async () => ({ reproductionPassed: null, suitePassed: null, summary: "nothing to run" });
  it("is left alone, and no model is asked", async () => {
    const { result, asked } = await run([], { check: none });
    expect(result).toMatchObject({
      kind: "abstained",
      reason: expect.stringMatching(/^it cannot be reproduced: nothing makes/),
    });
    const passing = async () => ({ reproductionPassed: true, suitePassed: null, summary: "" });
    const fine = await run([], { check: passing });
    expect(fine.result).toMatchObject({
      kind: "abstained",
      reason: expect.stringContaining("passes on the base as it is"),
    });
    expect([...asked, ...fine.asked]).toEqual([]);
  });

  it("is worked on where the configuration says so", async () => {
    const { result } = await run([whole(FIXED_LINE)], { check: none }, { requireReproduction: false });
    expect(result.kind).toBe("patch");
  });
});

describe("little room", () => {
  const sizeOf = (turns: readonly ChatTurn[]) => JSON.stringify(turns).length;
  const read = calls(["read_file", { path: "package.json" }]);

  it("every request fits, and the work goes on", async () => {
    const contextBudget = { maxPromptTokens: 2600, maxToolOutput: 500 };
    const looks = Array.from({ length: 12 }, () =>
      calls(["list_files"], ["git_show", { commit: "0".repeat(40) }], ["search", { text: "e" }]),
    );
    const { result, asked } = await run([...looks, whole(FIXED_LINE)], {}, { contextBudget, maxToolCalls: 60 });
    expect(result.kind).toBe("patch");
    expect(Math.max(...asked.map(sizeOf))).toBeLessThan(2600 * 3);
    expect(sizeOf(asked.at(-1) ?? [])).toBeLessThan(sizeOf(asked[11] ?? []) * 1.2);
    const answers = asked.flat().filter(({ role }) => role === "tool");
    expect(Math.max(...answers.map(({ content }) => content.length))).toBeLessThan(700);
  });

  it("too little for anything: it says so", async () => {
    const { result, asked } = await run([read], {}, { contextBudget: { maxPromptTokens: 300, maxToolOutput: 500 } });
    expect(result).toMatchObject({ kind: "abstained", reason: expect.stringContaining("model.maxPromptTokens") });
    expect(asked).toHaveLength(0);
  });

  it("a call never loses its answer, nor an answer its call", () => {
    const step = (n: number): ChatTurn[] => [
      { role: "assistant", content: "", toolCalls: [{ id: `${n}`, name: "t", args: {} }] },
      { role: "tool", toolCallId: `${n}`, content: "x".repeat(300) },
    ];
    const head: ChatTurn[] = [
      { role: "system", content: "s" },
      { role: "user", content: "u" },
    ];
    const turns = [...head, ...Array.from({ length: 9 }, (_, n) => step(n)).flat()];
    for (let maxPromptTokens = 100; maxPromptTokens < 1300; maxPromptTokens += 37) {
      const left = fitted(turns, { maxPromptTokens, maxToolOutput: 500 }, 0);
      if (left === null) continue;
      expect(left.slice(0, 2).map(({ role }) => role)).toEqual(["system", "user"]);
      const ids = left.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id));
      expect(left.filter(({ role }) => role === "tool").map(({ toolCallId }) => toolCallId)).toEqual(ids);
      expect(ids.at(-1)).toBe("8");
    }
    expect(fitted(turns, { maxPromptTokens: 0, maxToolOutput: 500 }, 0)).toEqual(turns);
  });
});

describe("looking", () => {
  it.each([
    [["search_syntax", { pattern: "count($X)" }], /src\/checkout\.js:2: count\(cart\)/],
    [["search_syntax", { pattern: "nowhere($$$)" }], /\nnone\n/],
    [["git_log", {}], /[0-9a-f]{12} 20\d\d-\d\d-\d\d [^\n]+: /],
    [["git_log", { path: "../x" }], /^there is no \.\.\/x/],
    [["git_blame", { path: "src/cart.js", from_line: 3 }], /\n3: [0-9a-f]{12} /],
    [["git_show", { commit: "HEAD" }], /^that is no commit/],
    [["git_show", { commit: "--output=/tmp/x" }], /^that is no commit/],
  ] as [[string, unknown], RegExp][])("%j", async (call, answer) => {
    const { asked } = await run([calls(call), giveUp]);
    expect(asked[1]?.at(-1)?.content).toMatch(answer);
  });
});

describe("which of several is the best", () => {
  const diff = (...lines: string[]) =>
    `diff --git a/a.js b/a.js\nindex 1..2 100644\n--- a/a.js\n+++ b/a.js\n@@ -1 +1,${lines.length} @@\n-f(x);\n${lines.map((l) => `+${l}\n`).join("")}`;
  const candidate = (lines: string[], more: Partial<Candidate> = {}): Candidate => ({
    diff: diff(...lines),
    explanation: lines.join(),
    suitePassed: true,
    output: "same",
    behaviour: null,
    ...more,
  });
  it.each([
    ["repair before catch", [["try { f(x); } catch (e) { return; }"], ["if (x) f(x);", "else g();"]], {}, 1],
    ["a green suite before none", [["f?.(x);"], ["if (x) f(x);", "else g();"]], { suitePassed: null }, 1],
    ["the smaller one", [["if (x) {", "f(x);", "}"], ["f?.(x);"]], {}, 1],
    ["the first of two alike", [["f?.(x);"], ["f && f(x);"]], {}, 0],
  ] as [string, [string[], string[]], Partial<Candidate>, number][])("%s", (_, [a, b], more, winner) => {
    const both: [Candidate, Candidate] = [candidate(a, more), candidate(b)];
    expect(chooseCandidate(both)).toEqual({ kind: "one", winner: both[winner] });
  });

  it.each([
    ["an empty catch", ["try { f(x); } catch {}"], true],
    ["a promise's catch", ["f(x).catch(() => undefined);"], true],
    ["a catch with a default", ["try { f(x); } catch (e) { y = 0; }"], true],
    ["a guard", ["if (x) f(x);"], false],
    ["a word", ["// catch of the day"], false],
  ] as [string, string[], boolean][])("only catches: %s", (_, lines, expected) => {
    expect(onlyCatches(diff(...lines))).toBe(expected);
  });
});
