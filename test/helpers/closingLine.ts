import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends a run with one plain line that any machine can read, names what was skipped, and, with REQUIRE_ALL set (a machine
 * that has everything), fails when something was.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const withState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = withState("skipped");
    const broken = modules.filter((module) => module.children.size === 0 && !module.ok()).length;
    for (const test of skipped) console.log(`skipped: ${test.fullName}`);
    const failed = withState("failed").length + broken;
    console.log(`${withState("passed").length} passed, ${failed} failed, ${skipped.length} skipped`);
    if (skipped.length > 0 && process.env.REQUIRE_ALL !== undefined) {
      console.log("REQUIRE_ALL is set: nothing may be skipped on this machine.");
      process.exitCode = 1;
    }
  }
}
