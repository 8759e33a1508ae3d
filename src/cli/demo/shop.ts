import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { SelfhealError } from "../../domain/errors.ts";
import type { ProcessRunner } from "../../domain/ports/processRunner.ts";
import { loadFactor } from "./loadFactor.ts";

/** The response to one request of the demo's traffic. */
export interface Reply {
  id: string;
  status: number;
  asExpected: boolean;
}

/** One planted bug, as examples/shop/bugs.json documents it. */
export const Bug = z.looseObject({
  id: z.string(),
  kind: z.string(),
  severity: z.string(),
  outcome: z.enum(["healed", "approved", "rolledBack"]),
  handled: z.boolean().optional(),
  request: z.looseObject({ method: z.string(), path: z.string() }),
  crash: z.looseObject({ message: z.string(), status: z.number() }),
});
export type Bug = z.infer<typeof Bug>;

interface TrafficModule {
  bugs: unknown;
  runTraffic(options: { baseUrl: string; rounds?: number; only?: string[]; signal?: AbortSignal }): Promise<Reply[]>;
}

/** The example shop, as a separate repository, deployed and running. */
export interface Shop {
  repo: string;
  home: string;
  url: string;
  bugs: Bug[];
  head: string;
  /** Deploys the repository's head; its client sends Events to `reportUrl`. */
  deploy(reportUrl: string, key: string): Promise<void>;
  traffic(options?: { signal?: AbortSignal }): Promise<Reply[]>;
  stop(): Promise<void>;
}

/** Creates the shop's repository in `dir` from `examples/` under `root`. Starts nothing. */
export async function makeShop(options: {
  dir: string;
  root: string;
  now: number;
  processes: ProcessRunner;
}): Promise<Shop> {
  const { dir, root, processes } = options;
  const repo = join(dir, "shop");
  const home = join(dir, "production");
  const history = (await load(join(root, "examples/history.mjs"))) as {
    makeRepository(target: string, options: { now: number }): Promise<{ head: string }>;
  };
  const traffic = (await load(join(root, "examples/shop/scripts/traffic.mjs"))) as TrafficModule;
  const { head } = await history.makeRepository(repo, { now: options.now });
  const port = await freePort();
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "port.json"), JSON.stringify(port));
  const url = `http://127.0.0.1:${port}`;
  const script = async (name: string, env: Record<string, string>) => {
    const command = `node scripts/${name}.mjs`;
    const ran = await processes.run({ command, cwd: repo, timeoutMs: 300_000, env: { SHOP_HOME: home, ...env } });
    if (ran.end.kind !== "exit" || ran.end.code !== 0) {
      throw new SelfhealError("demo", `${command} failed: ${ran.stderr.trim()}`);
    }
  };
  return {
    repo,
    home,
    url,
    head,
    bugs: z.array(Bug).parse(traffic.bugs),
    async deploy(reportUrl, key) {
      const client = join(root, "clients/node/src/index.js");
      const env = { SHOP_CLIENT: client, SHOP_REPORT_URL: reportUrl, SHOP_REPORT_KEY: key };
      writeFileSync(join(home, "settings.json"), JSON.stringify({ env }));
      await script("deploy", { SELFHEAL_COMMIT: head, SELFHEAL_RELEASE_DIR: repo });
    },
    traffic: (how) => traffic.runTraffic({ baseUrl: url, rounds: 1, ...how }),
    stop: () => script("stop", {}),
  };
}

/** The soak window of the demo, in milliseconds. It is short, so that a viewer need not wait. */
export const SOAK_MS = 3000;

/** The shop's service entry of the configuration: how to test, reproduce, deploy and check the shop. */
export function shopService(shop: Shop): Record<string, unknown> {
  const home = `SHOP_HOME='${shop.home}'`;
  return {
    name: "shop",
    project: "demo",
    repo: shop.repo,
    testCommand: "npm test",
    reproduceCommand: "node scripts/replay.mjs",
    deployCommand: `${home} node "$SELFHEAL_RELEASE_DIR/scripts/deploy.mjs"`,
    liveCommand: `${home} node scripts/live.mjs`,
    health: { url: `${shop.url}/health`, timeoutMs: Math.ceil(3000 * loadFactor()), intervalMs: 200, passes: 3 },
    soakMs: SOAK_MS,
  };
}

function load(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new SelfhealError("demo", "no free port was found");
  return address.port;
}
