import { join } from "node:path";
import { serve } from "@hono/node-server";
import type { System } from "../../../src/composition/compose.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { ingestServerOptions } from "../../../src/ingest/transport/serverOptions.ts";
import { createIngestServer } from "../../../src/server/ingestServer.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { PLANTS } from "./plants.ts";

/** What one process is told, as JSON in its first argument. */
export interface ChildOrder {
  dir: string;
  /** Whether what waits is digested. */
  digests: boolean;
  /** Name of a planted bug; null in an honest process. */
  plant: string | null;
}

/** Ingest as the server has it, over a data folder, without what comes after a Batch. */
const order = JSON.parse(process.argv[2] ?? "") as ChildOrder;
const { config } = loadConfig({ file: join(order.dir, "selfheal.config.json"), env: {} });
const clock = { now: () => Date.now() };
const stores = await openEmbeddedStores(join(order.dir, "data"), clock);
if (order.plant !== null) PLANTS[order.plant]?.spoil(stores.spool);
const log = { info: () => undefined, warn: () => undefined, error: console.error };
const system = { config, stores, clock, log, killSwitch: { reason: async () => null } } as unknown as System;
const nothing = async () => undefined;
const ingestServer = createIngestServer(system, { start: nothing, resume: nothing, stop: nothing });
if (order.digests) ingestServer.pump.start();
const asked = { fetch: ingestServer.app.fetch, hostname: "127.0.0.1", port: 0, ...ingestServerOptions(config.limits) };
serve(asked as Parameters<typeof serve>[0], ({ port }) => process.stdout.write(`http://127.0.0.1:${port}\n`));
