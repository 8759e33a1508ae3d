import { execa } from "execa";
import { describe, expect, it } from "vitest";
import type { CoderInput, QuickCheck } from "../../../src/agents/coder/contract.ts";
import { createRulesCoder } from "../../../src/agents/coder/rules.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import type { Workspace } from "../../../src/domain/ports/workspace.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository } from "../../helpers/gitRepository.ts";
import { openWorkspace } from "../../helpers/openWorkspace.ts";

const CART =
  "export function label(user) {\n  const city = user.address.city;\n  return city ? `to ${city}` : 'nowhere';\n}\n";
const FILES = {
  "package.json": '{ "type": "module", "engines": { "node": ">=20" } }',
  "src/cart.js": CART,
  "trigger.mjs": 'import { label } from "./src/cart.js";\nconsole.log(label({}));\n',
};
const CRASH = "Cannot read properties of undefined (reading 'city')";

interface Setup {
  check?: (workspace: Workspace) => CoderInput["check"];
  rejectedDigests?: string[];
  budgetMs?: number;
  files?: Record<string, string>;
  message?: string;
  line?: number;
  column?: number;
}

/** Runs the real reproduction; there is no suite. */
const reproduce = (workspace: Workspace) => async (): Promise<QuickCheck> => {
  const { exitCode } = await execa("node", ["trigger.mjs"], { cwd: workspace.dir, reject: false });
  return { reproductionPassed: exitCode === 0, suitePassed: null, summary: "" };
};

async function code(setup: Setup = {}) {
  const workspace = await openWorkspace(gitRepository({ ...FILES, ...setup.files }), {
    reproduceCommand: "node trigger.mjs",
  });
  const place = { file: "/srv/shop/src/cart.js", line: setup.line ?? 2, column: setup.column ?? 29, inApp: true };
  const event = buildEvent({ exception: { type: "TypeError", value: setup.message ?? CRASH, frames: [place] } });
  let now = 0;
  const coder = createRulesCoder({
    clock: { now: () => (now += 1) },
    ...(setup.budgetMs !== undefined && { budgetMs: setup.budgetMs }),
  });
  const result = await coder.code({
    event,
    plan: { action: "fix", rootCause: "", files: [], places: [], culprits: [], by: "rules", reason: "" },
    workspace,
    attempt: 1,
    rejectedDigests: setup.rejectedDigests ?? [],
    feedback: "",
    guidance: "",
    tokenBudget: 0,
    check: (setup.check ?? reproduce)(workspace),
    signal: new AbortController().signal,
  });
  return { result, workspace };
}

const answer = (quick: Partial<QuickCheck>) => () => async () => ({
  reproductionPassed: null,
  suitePassed: null,
  summary: "",
  ...quick,
});

describe("the rules coder", () => {
  it("leaves the patch in the workspace that makes the reproduction green", async () => {
    const { result, workspace } = await code();
    expect(result).toMatchObject({ kind: "patch", by: "rules:optionalChaining", tokens: 0 });
    expect(await workspace.read("src/cart.js")).toContain("user.address?.city");
    expect(await workspace.diff()).toContain("+  const city = user.address?.city;");
  });

  it("names other places that do the same", async () => {
    const { result } = await code({
      files: { "src/cart.js": CART, "src/other.js": "export const f = (u) => u.address.city;\n" },
    });
    expect(result).toMatchObject({ kind: "patch" });
    if (result.kind === "patch") expect(result.explanation).toContain("src/other.js:1");
  });

  it("never proposes what was turned down", async () => {
    const first = await code();
    const second = await code({ rejectedDigests: [digestOf(await first.workspace.diff())] });
    expect(second.result.rejected.join()).toContain("turned down before");
    expect(await second.workspace.diff()).not.toBe(await first.workspace.diff());
  });

  it("goes on when the suite fails with it, and says so", async () => {
    let suites = 0;
    const { result } = await code({
      check:
        () =>
        async ({ suite }) => {
          suites += suite ? 1 : 0;
          return { reproductionPassed: true, suitePassed: suite ? suites > 1 : null, summary: "1 of 9 failed" };
        },
    });
    expect(result.kind).toBe("patch");
    expect(result.rejected.join()).toContain("tests that passed fail with it: 1 of 9 failed");
  });

  it("takes only what is nearly sure when nothing can be reproduced", async () => {
    const sure = await code({ check: answer({}) });
    expect(sure.result.kind).toBe("patch");
    const hiding = "export function log(sink, level) {\n  sink[level]('x');\n}\n";
    const unsure = await code({
      check: answer({}),
      files: { "src/cart.js": hiding },
      message: "sink[level] is not a function",
      line: 2,
      column: 14,
    });
    expect(unsure.result.kind).toBe("abstained");
  });
});

describe("the rules coder abstains", () => {
  it("when nothing held, with everything it tried, and a clean workspace", async () => {
    const { result, workspace } = await code({ check: answer({ reproductionPassed: false, summary: "still there" }) });
    expect(result).toMatchObject({ kind: "abstained", tokens: 0 });
    expect(result.rejected.length).toBeGreaterThan(1);
    expect(result.rejected[0]).toContain("the exception is still there: still there");
    expect(await workspace.diff()).toBe("");
  });

  it("when the file does not fit the frame", async () => {
    const { result } = await code({ files: { "src/cart.js": "// moved\nexport const label = () => 1;\n" } });
    expect(result).toMatchObject({ kind: "abstained", reason: "no repair template fits what crashed" });
  });

  const TEXT = "export function label(user) {\n  return user.name.replace('a', 'b');\n}\n";
  const two = {
    files: { "src/cart.js": TEXT, "trigger.mjs": 'import { label } from "./src/cart.js";\nlabel({ name: [1] });\n' },
    message: "user.name.replace is not a function",
    line: 2,
    column: 20,
  };

  it("when two repairs hold and behave differently, and leaves nothing behind", async () => {
    const { result, workspace } = await code(two);
    expect(result).toMatchObject({ kind: "abstained" });
    if (result.kind !== "abstained") return;
    expect(result.reason).toContain("two repairs hold and behave differently");
    expect(result.wouldChangeMind).toContain("a test");
    expect(await workspace.diff()).toBe("");
  });

  it("but not when the reproduction prints the same with both", async () => {
    const files = { ...two.files, "trigger.mjs": `${two.files["trigger.mjs"]}console.log("done");\n` };
    const { result, workspace } = await code({
      ...two,
      files,
      check: (w) => async () => ({ ...(await reproduce(w)()), output: "done" }),
    });
    expect(result).toMatchObject({ kind: "patch", by: "rules:coercion:String" });
    expect(await workspace.diff()).toContain("String(user.name)");
  });

  it("when the time is over", async () => {
    const { result } = await code({ budgetMs: 0 });
    expect(result).toMatchObject({ kind: "abstained", reason: "the time for trying repairs is over" });
  });
});
