import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { onTestFinished } from "vitest";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { balancesOf, type IngestBalance } from "../../src/domain/ingestCount.ts";
import { type Acceptor, type AcceptorDeps, createAcceptor } from "../../src/ingest/accept.ts";
import { createCpuBudget } from "../../src/ingest/admission/cpuBudget.ts";
import type { IngestLimits } from "../../src/ingest/admission/rateLimiter.ts";
import { createWorkLane } from "../../src/ingest/admission/workLane.ts";
import { createIngestApp, type IngestAppDeps } from "../../src/ingest/app.ts";
import { createDropCounter } from "../../src/ingest/dropCounter.ts";
import {
  type ConnectionTimeouts,
  closeSockets,
  ingestServerOptions,
  limitConnections,
} from "../../src/ingest/transport/serverOptions.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../src/store/embedded.ts";
import { tempFolder } from "./tempFolder.ts";

export const SERVER_KEY = "server-key-0001";
export const BROWSER_KEY = "browser-key-0001";

const KEYS: ReturnType<IngestAppDeps["keys"]> = [
  // Sentry's JavaScript SDKs can send it in the URL only.
  { key: SERVER_KEY, project: "shop", tier: "T1", allowInUrl: true },
  { key: BROWSER_KEY, project: "shop", tier: "T0" },
];

const LIMITS: IngestLimits = {
  maxBodyBytes: 200_000,
  maxEnvelopeBytes: 1_000_000,
  maxItemsPerEnvelope: 100,
  maxDepth: 32,
  maxValues: 100_000,
  maxEventsPerRequest: 100,
  maxBytesInFlight: 64_000_000,
  eventsPerMinutePerKey: 100_000,
  requestsPerMinutePerAddress: 100_000,
  cpuSharePerPublicKey: 1,
  cpuShareOfPublicKeys: 1,
  cpuSharePerSecretKey: 1,
  maxSpool: 100_000,
  maxSpoolBytes: 1_000_000_000,
  minFreeDiskBytes: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  trustedProxies: [],
};

export interface IngestServer {
  url: string;
  port: number;
  stores: EmbeddedStores;
  acceptor: Acceptor;
  /** What is durable and not digested yet. */
  stored(): Promise<CapturedEvent[]>;
  /** What the log got. */
  errors: string[];
  /** The balance of a project; everything is counted when it resolves. */
  balance(project?: string): Promise<IngestBalance>;
  stop(): Promise<void>;
}

export interface IngestServerOptions {
  limits?: Partial<IngestLimits>;
  keys?: ReturnType<IngestAppDeps["keys"]>;
  services?: AcceptorDeps["services"];
  pingMs?: number;
  patience?: ConnectionTimeouts;
  port?: number;
  stores?: EmbeddedStores;
  /** In place of the stores' own. */
  spool?: AcceptorDeps["spool"];
  /** In place of what really waits. */
  waiting?: AcceptorDeps["spool"]["waiting"];
  onAccepted?: () => void;
  freeDisk?: AcceptorDeps["freeDisk"];
  countKnown?: AcceptorDeps["countKnown"];
  privacy?: AcceptorDeps["privacy"];
}

/** The ingest app on a port of its own, over real stores; gone when the running test is over. */
export async function startIngest(options: IngestServerOptions = {}): Promise<IngestServer> {
  const clock = { now: () => Date.now() };
  const stores = options.stores ?? (await openEmbeddedStores(tempFolder(), clock));
  const limits = { ...LIMITS, ...options.limits };
  const errors: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (message: string) => errors.push(message) };
  const dropCounter = createDropCounter({ counts: stores.ingestCounts, clock, log });
  const cpu = createCpuBudget(() => limits);
  const lane = createWorkLane({ book: cpu.book });
  const acceptor = createAcceptor({
    lane,
    spool: options.waiting
      ? { append: stores.spool.append, waiting: options.waiting }
      : (options.spool ?? stores.spool),
    dropCounter,
    freeDisk: options.freeDisk ?? (() => Number.POSITIVE_INFINITY),
    countKnown: options.countKnown ?? (() => Promise.resolve("no")),
    clock,
    newId: () => randomBytes(16).toString("hex"),
    services: options.services ?? [{ name: "shop-api", project: "shop" }],
    limits,
    ...(options.privacy && { privacy: options.privacy }),
    onAccepted: options.onAccepted ?? (() => undefined),
  });
  const app = createIngestApp({
    acceptor,
    keys: () => options.keys ?? KEYS,
    limits,
    lane,
    cpu,
    clock,
    log,
    ...(options.pingMs && { pingMs: options.pingMs }),
  });
  const asked = ingestServerOptions(limits, options.patience);
  const server = await listen({ fetch: app.fetch, hostname: "127.0.0.1", port: options.port ?? 0, ...asked });
  limitConnections(server, limits);
  const { port } = server.address() as AddressInfo;
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    closeSockets(asked.websocket.server);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  onTestFinished(async () => {
    await stop();
    await dropCounter.close();
    if (options.stores === undefined) await stores.close();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stores,
    acceptor,
    stored: () => stores.spool.undigested(100_000),
    errors,
    balance: async (project = "shop") => {
      await dropCounter.flush();
      const found = balancesOf(await stores.ingestCounts.sums()).find((one) => one.project === project);
      if (found === undefined) throw new Error(`nothing was counted for ${project}`);
      return found;
    },
    stop,
  };
}

function listen(options: Parameters<typeof serve>[0]): Promise<Server> {
  return new Promise((resolve) => {
    const server = serve(options, () => resolve(server as Server));
  });
}
