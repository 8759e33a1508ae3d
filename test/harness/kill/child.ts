import { appendFileSync, existsSync, promises, readFileSync } from "node:fs";
import { join } from "node:path";
import { armFaultPoints, type FaultPlan } from "./faultPoints.ts";

/** What one process of a journey is told, as JSON in its first argument. */
export interface ChildOrder extends FaultPlan {
  /** Name of a planted bug; null in an honest process. */
  plant: string | null;
}

const order = JSON.parse(process.argv[2] ?? "") as ChildOrder;
armFaultPoints(order);
// An idle queue of the LangGraph API sleeps up to a second, by a random number: nobody waits for that here.
Math.random = () => 0.02;

// Only now, so that everything that is loaded meets the watched functions.
const { processWorld, serveFrom, systemForGraph } = await import("../../../src/main.ts");
const { loadConfig } = await import("../../../src/config.ts");
const { instantBrains } = await import("./brains.ts");
const { PLANTS } = await import("./plants.ts");

const configFile = join(order.dir, "selfheal.config.json");
const world = processWorld();
const brains = instantBrains(loadConfig({ file: configFile, env: {} }).config, world.clock);
const serving = serveFrom(
  { configFile },
  { ...world, sandbox: "none", notifier: once(join(order.dir, "told")), brains },
);
if (order.plant !== null) PLANTS[order.plant]?.spoil(await systemForGraph(), !order.pointsFile.endsWith("-0"));
const server = await serving;
if (server.token !== null) appendFileSync(join(order.dir, "token"), server.token);
process.stdout.write(`${server.url}\n`);

/** People who are told: a line a message, and none for a key that they know. */
function once(file: string) {
  return {
    async notify({ key, kind }: { key: string; kind: string }): Promise<void> {
      const told = existsSync(file) ? readFileSync(file, "utf8") : "";
      if (!told.includes(`${key}\t`)) await promises.appendFile(file, `${key}\t${kind}\n`);
    },
  };
}
