import fc from "fast-check";
import { messageOf } from "../../src/domain/errors.ts";
import type { Bug } from "./bugs.ts";
import { schedules } from "./commands.ts";
import { comeToRest } from "./rest.ts";
import { type Circumstances, createWorld, type World, type WorldOptions } from "./world.ts";

export interface SimulationOptions {
  seed: number;
  schedules: number;
  /** Default true: a failure is made as small as it gets. */
  shrink?: boolean;
  /** To replay one failure: as fast-check printed them. */
  path?: string;
  replayPath?: string;
  bug?: Bug;
  engine?: WorldOptions["engine"];
  /** Sees every world at its end. */
  onEnd?: (world: World) => unknown;
  onFailure?: (failure: Failure) => void;
}

/** A schedule that broke a rule. */
export interface Failure {
  /** What did not hold. */
  violation: string;
  /** What happened, in words; kept only in a replay. */
  story: readonly string[];
}

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  seed: fc.noShrink(fc.nat()),
  autonomy: fc.constantFrom(
    "full" as const,
    "full" as const,
    "full" as const,
    "supervised" as const,
    "assist" as const,
  ),
  maxAutoDeploysPerHour: fc.constantFrom(5, 2, 1),
  approvePlan: fc.constantFrom(false, false, false, true),
});

/** One schedule, from a world's beginning to its rest. Throws with what did not hold. */
async function live(
  given: Circumstances,
  commands: Iterable<fc.AsyncCommand<object, World>>,
  options: SimulationOptions,
) {
  const world = await createWorld(given, { ...options, remember: options.path !== undefined });
  try {
    await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
    await comeToRest(world);
    const [violation] = world.oracle.violations;
    if (violation !== undefined) throw new Error(violation);
  } catch (error) {
    options.onFailure?.({ violation: messageOf(error), story: world.story });
    throw error;
  } finally {
    options.onEnd?.(world);
    world.close();
  }
}

/** Runs schedules until one fails, and shrinks that one. Everything follows from the seed. */
export function simulate(options: SimulationOptions) {
  const property = fc.asyncProperty(
    circumstances,
    schedules(options.replayPath === undefined ? {} : { replayPath: options.replayPath }),
    (given, commands) => live(given, commands, options),
  );
  return fc.check(property, {
    seed: options.seed,
    numRuns: options.schedules,
    endOnFailure: options.shrink === false,
    ...(options.path !== undefined && { path: options.path }),
  });
}
