import { parseArgs } from "node:util";
import { simulationHarness } from "../simulation/harness.ts";
import { runKillHarness } from "./kill/run.ts";

/** Each prints its counts, and says whether every rule held. */
const HARNESSES: Record<string, (options: Options) => Promise<boolean>> = {
  kill: ({ seed }) => runKillHarness(seed, (line) => console.log(line)),
  simulation: ({ seed, count, path, replay }) =>
    simulationHarness({
      seed,
      count,
      ...(path !== undefined && { path }),
      ...(replay !== undefined && { replayPath: replay }),
    }),
};

interface Options {
  seed: number;
  count: number;
  path: string | undefined;
  replay: string | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    count: { type: "string", default: "10000" },
    path: { type: "string" },
    replay: { type: "string" },
  },
});
const names = positionals.length === 0 ? Object.keys(HARNESSES) : positionals;
const options: Options = {
  seed: Number(values.seed ?? Date.now() % 1_000_000_000),
  count: Number(values.count),
  path: values.path,
  replay: values.replay,
};
for (const name of names) {
  const harness = HARNESSES[name];
  if (harness === undefined) {
    console.error(`there is no harness "${name}"; there is: ${Object.keys(HARNESSES).join(", ")}`);
    process.exitCode = 2;
  } else if (!(await harness(options))) process.exitCode = 1;
}
