import { parseArgs } from "node:util";
import { simulationHarness } from "../simulation/harness.ts";
import { acceptHarness } from "./accept/run.ts";
import { approvalHarness } from "./approval/run.ts";
import { runKillHarness } from "./kill/run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    // simulation
    count: { type: "string", default: "10000" },
    path: { type: "string" },
    replay: { type: "string" },
    // kill
    doubles: { type: "string", default: "30" },
    only: { type: "string" },
    from: { type: "string", default: "1" },
    to: { type: "string", default: "1000000" },
    list: { type: "string" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);

/** Each prints its counts, and says whether every rule held. */
const HARNESSES: Record<string, () => Promise<boolean>> = {
  kill: () => {
    const { doubles, only, from, to, list } = values;
    const numbers = { seed, doubles: Number(doubles), from: Number(from), to: Number(to) };
    return runKillHarness({ ...numbers, only, list }, (line) => console.log(line));
  },
  simulation: () => {
    const { path, replay } = values;
    const again = { ...(path !== undefined && { path }), ...(replay !== undefined && { replayPath: replay }) };
    return simulationHarness({ seed, count: Number(values.count), ...again });
  },
  approval: () => approvalHarness((line) => console.log(line)),
  accept: () => acceptHarness((line) => console.log(line)),
};

for (const name of positionals.length === 0 ? Object.keys(HARNESSES) : positionals) {
  const harness = HARNESSES[name];
  if (harness === undefined) {
    console.error(`there is no harness "${name}"; there is: ${Object.keys(HARNESSES).join(", ")}`);
    process.exitCode = 2;
  } else if (!(await harness())) process.exitCode = 1;
}
