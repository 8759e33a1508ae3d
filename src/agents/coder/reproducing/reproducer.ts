import type { Clock } from "../../../domain/ports/clock.ts";
import type { RegressionTest } from "../../../domain/reproduction.ts";
import type { ReproductionRun, ServiceCommands } from "../../../tools/tests/serviceCommands.ts";
import type { Reproducer, ReproducerInput } from "../contract.ts";

/** How long the tests of one source are tried, milliseconds. A command under way is not interrupted. */
const BUDGET_MS = 120_000;

/**
 * Proposes tests that may reproduce the exception: rules, or a model that writes one. A proposal alone is no evidence.
 */
export interface TestSource {
  readonly name: string;
  /** The tests, best first, or none and why, in words. Leaves the workspace at the base. */
  propose(input: TestSourceInput): Promise<Proposed>;
  /**
   * The test, which now also asserts what the repaired code in the workspace returns; null: the test stays as it is.
   */
  pin(input: ReproducerInput & { test: RegressionTest }): Promise<RegressionTest | null>;
}

/** Proposed tests, best first. `notes` say, in words, why there are none. */
export interface Proposed {
  tests: readonly RegressionTest[];
  notes: readonly string[];
  /** Tokens that were spent on the proposal. */
  tokens?: number;
}

/** What a test source gets: the reproducer's input, and a way to observe a test on the base. */
export type TestSourceInput = ReproducerInput & {
  /** Runs a test on the base and returns what was observed. For the same test it runs only once. */
  observe(test: RegressionTest): Promise<ReproductionRun | null>;
};

interface Deps {
  runs: Pick<ServiceCommands, "prepare" | "reproduce" | "reproduceOnBase">;
  clock: Clock;
  /** Asked in this order, until a test reproduces the exception. */
  sources: readonly TestSource[];
  budgetMs?: number;
}

/**
 * Tries proposed tests on the base. The first test counts that fails with this exception at this place, inside of the
 * test and not while its file is loaded. The rule is the same for every source.
 */
export function createReproducer(deps: Deps): Reproducer {
  return {
    async find(input) {
      const { workspace, event, signal } = input;
      const fault = await deps.runs.prepare(workspace, signal);
      if (fault !== null) return { kind: "none", notes: [`reproduction: ${fault}`], tokens: 0 };
      const notes: string[] = [];
      let tokens = 0;
      const observe = (own: RegressionTest) => deps.runs.reproduceOnBase(workspace, event, { own, signal });
      for (const source of deps.sources) {
        const proposed = await source.propose({ ...input, observe });
        tokens += proposed.tokens ?? 0;
        notes.push(...proposed.notes.map((note) => `reproduction by ${source.name}: ${note}`));
        const deadline = deps.clock.now() + (deps.budgetMs ?? BUDGET_MS);
        for (const test of proposed.tests) {
          if (deps.clock.now() >= deadline)
            return { kind: "none", notes: [...notes, "reproduction: out of time"], tokens };
          const seen = await observe(test);
          if (seen?.reproduced === "yes") return { kind: "found", test, seen: seen.why, tokens };
          notes.push(`reproduction by ${source.name}: ${test.title}: ${seen?.why ?? "not run"}`);
        }
      }
      return { kind: "none", notes, tokens };
    },
    async pin(input) {
      const { workspace, event, test, signal } = input;
      for (const source of deps.sources) {
        const pinned = await source.pin(input);
        if (pinned === null) continue;
        const seen = await deps.runs.reproduce(workspace, event, "patch", { own: pinned, signal });
        if (seen?.reproduced === "no") return pinned;
      }
      return test;
    },
  };
}
