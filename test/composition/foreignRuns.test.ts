import { expect, it } from "vitest";
import { judge } from "../../src/agents/tester/node.ts";
import { mayRunFor, withForeignRuns } from "../../src/composition/foreignRuns.ts";
import type { NodeParts } from "../../src/composition/nodes.ts";
import { openCart } from "../helpers/cartRepository.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";

type Runs = Pick<NodeParts, "gatherer" | "checkFor" | "reproducer">;

const never = () => {
  throw new Error("code was run");
};
const RUNS = {
  gatherer: { gather: never },
  checkFor: never,
  reproducer: { find: never, pin: never },
} as Runs;

it("of a public key, nothing is run where the sandbox is weak, and that is no failure of the machine", async () => {
  const { workspace, event: seen } = await openCart();
  const event = { ...seen, trustTier: "T0" as const };
  const { signal } = new AbortController();
  const runs = withForeignRuns(RUNS, "namespaces", mayRunFor("namespaces", false));
  await workspace.write("src/cart.js", "exports.count = () => 0;\n");
  const diff = await workspace.diff();
  const evidence = await runs.gatherer.gather({ workspace, event, diff, patchDigest: "p", own: null, signal });
  expect(evidence).toMatchObject({
    grade: "E0",
    shortfalls: ["notRunForT0"],
    infrastructure: null,
    suiteBase: null,
    reproductionBase: null,
    sandbox: "namespaces",
  });
  expect(evidence.notChecked).toEqual(expect.arrayContaining(["suite", "reproduction"]));
  expect(judge(evidence)).toBe("good");
  expect(await runs.checkFor(workspace, event, signal, null)({ suite: true })).toMatchObject({
    reproductionPassed: null,
    suitePassed: null,
    summary: expect.stringContaining("not run"),
  });
  expect(await runs.reproducer.find({ workspace, event, signal })).toMatchObject({ kind: "none", tokens: 0 });
});

it.each([
  ["T0", "bubblewrap", false, true],
  ["T0", "namespaces", false, false],
  ["T0", "none", false, false],
  ["T0", "none", true, true],
  ["T1", "none", false, true],
] as const)("%s in %s, allowed: %s → %s", (trustTier, grade, allowed, runs) => {
  expect(mayRunFor(grade, allowed)(buildEvent({ trustTier }))).toBe(runs);
  if (!runs) return;
  const parts = withForeignRuns(RUNS, grade, mayRunFor(grade, allowed));
  expect(() => parts.gatherer.gather({ event: buildEvent({ trustTier }) } as never)).toThrow("code was run");
});
