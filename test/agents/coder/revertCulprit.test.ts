import { execa } from "execa";
import { describe, expect, it } from "vitest";
import type { CoderBrain, CoderInput, QuickCheck } from "../../../src/agents/coder/contract.ts";
import { withRevert } from "../../../src/agents/coder/revertCulprit.ts";
import { createRulesPlanner } from "../../../src/agents/planner/rules.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import type { Plan } from "../../../src/domain/plan.ts";
import type { Workspace } from "../../../src/domain/ports/workspace.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository } from "../../helpers/gitRepository.ts";
import { openWorkspace } from "../../helpers/openWorkspace.ts";

const GOOD =
  "export function tax(cents) {\n  return cents * rateOf('eu');\n}\nfunction rateOf(zone) {\n  return 0.2;\n}\n";
/** No template knows what the rate should be: only the past does. */
const BAD = GOOD.replace("rateOf('eu')", "table().eu.rate").replace(
  "function rateOf(zone) {\n  return 0.2;",
  "function table() {\n  return {};",
);

const silent: CoderBrain = {
  name: "silent",
  code: async () => ({
    kind: "abstained",
    reason: "nothing fits",
    wouldChangeMind: "a person",
    rejected: ["a: no"],
    tokens: 7,
  }),
};
const writing: CoderBrain = {
  name: "writing",
  async code({ workspace }) {
    await workspace.write("src/tax.js", GOOD);
    return { kind: "patch", by: "rules:other", explanation: "", rejected: [], tokens: 0 };
  },
};

const reproduce = (workspace: Workspace) => async (): Promise<QuickCheck> => {
  const { exitCode } = await execa("node", ["trigger.mjs"], { cwd: workspace.dir, reject: false });
  return { reproductionPassed: exitCode === 0, suitePassed: true, summary: "" };
};

async function code(
  brain: CoderBrain,
  options: {
    first?: boolean;
    later?: string;
    rejectedDigests?: string[];
    check?: (w: Workspace) => CoderInput["check"];
  } = {},
) {
  const files = {
    "package.json": '{ "type": "module" }',
    "src/tax.js": GOOD,
    "trigger.mjs": 'import { tax } from "./src/tax.js";\ntax(5);\n',
  };
  const repository = gitRepository(files);
  repository.put({ "src/tax.js": BAD, "README.md": "rates come from a table\n" });
  const culprit = repository.commit("Look rates up in a table");
  if (options.later !== undefined) {
    repository.put({ "src/tax.js": options.later });
    repository.commit("Go on");
  }
  const workspace = await openWorkspace(repository);
  const plan: Plan = {
    action: "fix",
    rootCause: "",
    files: ["src/tax.js"],
    places: [],
    culprits: [],
    by: "rules",
    reason: "",
    revert: { commit: culprit, subject: "Look rates up in a table", first: options.first ?? true },
  };
  const result = await withRevert(brain).code({
    event: buildEvent(),
    plan,
    workspace,
    attempt: 1,
    rejectedDigests: options.rejectedDigests ?? [],
    feedback: "",
    guidance: "",
    tokenBudget: 0,
    check: (options.check ?? reproduce)(workspace),
    signal: new AbortController().signal,
  });
  return { result, workspace, repository };
}

describe("a culprit that is known", () => {
  it("is taken back first, whole, where a release before it was good", async () => {
    const { result, workspace } = await code(writing);
    expect(result).toMatchObject({ kind: "patch", by: "rules:revert" });
    expect(await workspace.read("src/tax.js")).toBe(GOOD);
    expect(await workspace.diff()).toContain("deleted file mode");
  });

  it("is taken back last, where nothing else is found, with what was tried before", async () => {
    const { result } = await code(silent, { first: false });
    expect(result).toMatchObject({ kind: "patch", by: "rules:revert", rejected: ["a: no"], tokens: 7 });
    expect((await code(writing, { first: false })).result).toMatchObject({ by: "rules:other" });
  });

  it.each([
    [
      "later changes stand on it",
      { later: BAD.replace("cents * table().eu.rate", "Math.round(cents * table().eu.rate)") },
      "later changes stand on it",
    ],
    [
      "nothing reproduces the exception",
      { check: () => async () => ({ reproductionPassed: null, suitePassed: null, summary: "" }) },
      "nothing shows",
    ],
    [
      "the exception is still there",
      { check: () => async () => ({ reproductionPassed: false, suitePassed: null, summary: "" }) },
      "still there",
    ],
    [
      "the suite fails with it",
      {
        check:
          () =>
          async ({ suite }: { suite: boolean }) => ({ reproductionPassed: true, suitePassed: !suite, summary: "" }),
      },
      "tests that passed fail",
    ],
  ])("is not where %s; then the others go on, on a clean tree", async (_when, options, why) => {
    const { result, workspace } = await code(silent, options);
    expect(result).toMatchObject({ kind: "abstained", reason: "nothing fits" });
    expect(result.rejected.join()).toContain(why);
    expect(await workspace.diff()).toBe("");
  });

  it("is not taken back where that was turned down", async () => {
    const first = await code(silent);
    const again = await code(silent, { rejectedDigests: [digestOf(await first.workspace.diff())] });
    expect(again.result.rejected.join()).toContain("turned down before");
  });
});

it("the planner names it, from the release that was good to the one that crashed", async () => {
  const repository = gitRepository({ "package.json": '{ "type": "module" }', "src/tax.js": GOOD });
  const good = repository.git("rev-parse", "HEAD").trim();
  repository.put({ "src/tax.js": BAD });
  const culprit = repository.commit("Look rates up in a table");
  const workspace = await openWorkspace(repository);
  const frame = { file: "/srv/src/tax.js", line: 2, column: 26, function: "tax", inApp: true };
  const event = buildEvent({
    exception: { type: "TypeError", value: "Cannot read properties of undefined (reading 'rate')", frames: [frame] },
  });
  const holds = async (release: string, commit: string) => release === culprit || commit === good;
  const beginning = { firstSeen: Date.now() + 1000, crashed: culprit, good, holds };
  const asked = { event, workspace, guidance: "", signal: new AbortController().signal };
  const { plan } = await createRulesPlanner().plan({ ...asked, beginning });
  expect(plan.revert).toEqual({ commit: culprit, subject: "Look rates up in a table", first: true });
  expect(plan.culprits[0]).toMatchObject({ commit: culprit, score: 100 });
  const { plan: unsure } = await createRulesPlanner().plan({ ...asked, beginning: { ...beginning, good: null } });
  expect(unsure.revert?.first).toBe(false);
  // What is left of a shallow or new repository has nothing to go back to.
  expect(await workspace.reverseOf(good)).toBeNull();
});
