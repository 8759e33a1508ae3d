import { createHash, createHmac, randomBytes } from "node:crypto";
import type { TrustTier } from "../../../src/domain/event.ts";
import { ticketId } from "../../../src/domain/ids.ts";
import type { Log } from "../../../src/domain/ports/log.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { DirectRunner } from "../../../src/graph/directRunner.ts";
import { createAcceptor } from "../../../src/ingest/accept.ts";
import { createCpuBudget } from "../../../src/ingest/admission/cpuBudget.ts";
import { createWorkLane } from "../../../src/ingest/admission/workLane.ts";
import { createIngestApp, type IngestAppDeps } from "../../../src/ingest/app.ts";
import { createBatcher } from "../../../src/ingest/digest/batcher.ts";
import { createDigester } from "../../../src/ingest/digest/digest.ts";
import { createDropCounter } from "../../../src/ingest/dropCounter.ts";
import type { EmbeddedStores } from "../../../src/store/embedded.ts";
import type { TestClock } from "../../helpers/testClock.ts";
import type { WireEvent } from "./payloads.ts";

const KEYS = (["T0", "T1", "T2"] as const).map((tier) => ({ key: `key-of-tier-${tier}`, project: "attack", tier }));

const LIMITS: IngestAppDeps["limits"] = {
  maxBodyBytes: 1_000_000,
  maxEnvelopeBytes: 1_000_000,
  maxItemsPerEnvelope: 100,
  maxDepth: 32,
  maxValues: 100_000,
  maxEventsPerRequest: 100,
  maxBytesInFlight: 64_000_000,
  eventsPerMinutePerKey: 100_000,
  requestsPerMinutePerAddress: 100_000,
  maxSpool: 100_000,
  maxSpoolBytes: 1_000_000_000,
  minFreeDiskBytes: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  trustedProxies: [],
  // The attack is on the gates, not on the budget.
  cpuSharePerPublicKey: 1,
  cpuShareOfPublicKeys: 1,
  cpuSharePerSecretKey: 1,
};

export interface AttackIngestDeps {
  stores: EmbeddedStores;
  runner: DirectRunner;
  services: readonly Service[];
  clock: TestClock;
  log: Log;
}

/** The real ingest without a socket: protocol, keys, scrubbing, digest, debounce, batch. */
export interface AttackIngest {
  /** Sends an event with the key of this tier. Returns the id under which it was accepted; null: it was not. */
  post(event: WireEvent, tier: TrustTier): Promise<string | null>;
  /** Digests, closes the windows and runs what that starts to its end. */
  run(): Promise<void>;
  close(): Promise<void>;
}

export function createAttackIngest({ stores, runner, services, clock, log }: AttackIngestDeps): AttackIngest {
  const dropCounter = createDropCounter({ counts: stores.ingestCounts, clock, log });
  const cpu = createCpuBudget(() => LIMITS);
  const lane = createWorkLane({ book: cpu.book });
  const acceptor = createAcceptor({
    lane,
    spool: stores.spool,
    dropCounter,
    freeDisk: () => Number.POSITIVE_INFINITY,
    countKnown: async () => "no",
    clock,
    newId: () => randomBytes(16).toString("hex"),
    services,
    limits: LIMITS,
    onAccepted: () => undefined,
  });
  const app = createIngestApp({ acceptor, keys: () => KEYS, limits: LIMITS, lane, cpu, clock, log });
  const times = { debounceMs: 1000, maxWaitMs: 5000 };
  const digester = createDigester({ ...stores, clock, times, ticket: (id) => stores.tickets.get(id) });
  const batcher = createBatcher({
    ...stores,
    start: (batch) => runner.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id }),
  });
  return {
    async post(event, tier) {
      const body = JSON.stringify(event);
      const request = new Request("http://ingest.example/v1/events", {
        method: "POST",
        headers: { "content-type": "application/json", ...credentials(tier, body, clock.now()) },
        body,
      });
      const response = await app.fetch(request, { incoming: { socket: { remoteAddress: "127.0.0.1" } } });
      const text = await response.text();
      return response.ok ? (/"([0-9a-f]{32})"/.exec(text)?.[1] ?? null) : null;
    },
    async run() {
      await digester.digestPending();
      clock.advance(times.maxWaitMs);
      await batcher.closeDue(clock.now());
      await runner.idle();
    },
    close: () => dropCounter.close(),
  };
}

/** How a client of this tier proves who it is. */
function credentials(tier: TrustTier, body: string, now: number): Record<string, string> {
  const { key } = KEYS.find((one) => one.tier === tier) ?? { key: "" };
  if (tier !== "T2") return { authorization: `Bearer ${key}` };
  const t = Math.floor(now / 1000);
  const delivery = randomBytes(8).toString("hex");
  const v1 = createHmac("sha256", key).update(`${t}.${delivery}.${body}`).digest("hex");
  return {
    "x-selfheal-key-id": createHash("sha256").update(key).digest("hex").slice(0, 16),
    "x-selfheal-delivery": delivery,
    "x-selfheal-signature": `t=${t},v1=${v1}`,
  };
}
