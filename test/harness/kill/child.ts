import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { armFaultPoints, enterStage, type FaultPlan } from "./faultPoints.ts";

/** What one process of a journey is told, as JSON in its first argument. */
export interface ChildOrder extends FaultPlan {
  /** Name of a planted bug; null in an honest process. */
  plant: string | null;
}

const order = JSON.parse(process.argv[2] ?? "") as ChildOrder;
armFaultPoints(order);
// An idle queue of the LangGraph API sleeps up to a second, by a random number: nobody waits for that here.
Math.random = () => 0.02;
// Nor for the next look at wake-ups and messages.
const { setTimeout: later } = globalThis;
globalThis.setTimeout = Object.assign(
  (act: () => void, ms?: number, ...rest: []) => later(act, ms === 500 ? 50 : ms, ...rest),
  later,
) as typeof later;

// Only now, so that everything that is loaded meets the watched functions.
const { processWorld, serveFrom, systemForGraph } = await import("../../../src/main.ts");
const { loadConfig } = await import("../../../src/config/index.ts");
const { instantBrains } = await import("./brains.ts");
const { PLANTS } = await import("./plants.ts");

const configFile = join(order.dir, "selfheal.config.json");
const world = processWorld();
const brains = instantBrains(loadConfig({ file: configFile, env: {} }).config, world.clock);
// A process that was killed before it could show the admin token has told nobody: people ask for another one.
const tokenFile = join(order.dir, "token");
const newToken = !order.pointsFile.endsWith("-0") && !existsSync(tokenFile);
const serving = serveFrom({ configFile, newToken }, { ...world, sandbox: "none", brains });
const system = await systemForGraph();
const { append } = system.stores.audit;
system.stores.audit.append = async (entry) => {
  const kept = await append(entry);
  enterStage(entry.kind);
  return kept;
};
if (order.plant !== null) PLANTS[order.plant]?.spoil(system, !order.pointsFile.endsWith("-0"));
const server = await serving;
if (server.token !== null) writeFileSync(tokenFile, server.token);
process.stdout.write(`${server.url}\n`);
