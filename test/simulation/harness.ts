import { simulate } from "./simulate.ts";

/** The long form: prints what was run, or how to see a failure again. Returns whether every rule held. */
export async function simulationHarness(options: {
  seed: number;
  count: number;
  path?: string;
  replayPath?: string;
}): Promise<boolean> {
  const seen = { effects: 0, tickets: 0, deployCommands: 0, crashes: 0 };
  const startedAt = Date.now();
  const result = await simulate({
    seed: options.seed,
    schedules: options.count,
    ...(options.path !== undefined && { path: options.path }),
    ...(options.replayPath !== undefined && { replayPath: options.replayPath }),
    onEnd: (world) => {
      seen.effects += world.scheduler.count;
      seen.tickets += world.disk.tickets.size;
      seen.deployCommands += world.production.jobs.length;
      seen.crashes += world.process.life.number - 1;
    },
    onFailure: ({ violation, story }) => {
      if (story.length > 0) console.log(`${story.join("\n")}\n${violation}\n`);
    },
  });
  const took = `${Math.round((Date.now() - startedAt) / 1000)} s`;
  console.log(`simulation: ${result.numRuns} schedules, seed ${options.seed}, ${took}: ${JSON.stringify(seen)}`);
  if (!result.failed) return true;
  console.log(`FAILED: ${result.errorInstance}\n${result.counterexample}`);
  console.log(
    `again: npm run harness -- simulation --seed ${options.seed} --path ${result.counterexamplePath} --replay …`,
  );
  return false;
}
