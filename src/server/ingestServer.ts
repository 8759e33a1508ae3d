import { randomBytes } from "node:crypto";
import type { Hono } from "hono";
import type { System } from "../composition/compose.ts";
import { ticketId } from "../domain/ids.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import { createAcceptor } from "../ingest/accept.ts";
import { createCpuBudget } from "../ingest/admission/cpuBudget.ts";
import { createDiskGauge } from "../ingest/admission/diskGauge.ts";
import { createWorkLane } from "../ingest/admission/workLane.ts";
import { createIngestApp } from "../ingest/app.ts";
import { createBatcher } from "../ingest/digest/batcher.ts";
import { createSeenIssueCounter } from "../ingest/digest/countSeenIssue.ts";
import { createDigester } from "../ingest/digest/digest.ts";
import { createPump, type Pump } from "../ingest/digest/pump.ts";
import { createDropCounter } from "../ingest/dropCounter.ts";
import { createSourceMaps } from "../ingest/sourceMaps/maps.ts";
import { createFrameResolver } from "../ingest/sourceMaps/resolveFrames.ts";
import { createRunAdmission } from "./runAdmission.ts";

/** Everything between a client and a run. */
export interface IngestServer {
  app: Hono;
  pump: Pump;
  /** The current backpressure, as text for people. */
  pressure(): Promise<string>;
  /** Writes the drop counts that are not stored yet. */
  close(): Promise<void>;
}

/** Creates ingest over the system's stores. `host` starts the runs of its Batches. */
export function createIngestServer(system: System, host: RunStarter): IngestServer {
  const { config, stores, clock, log } = system;
  const cpu = createCpuBudget(() => config.limits);
  const lane = createWorkLane({ book: cpu.book });
  const dropCounter = createDropCounter({ counts: stores.ingestCounts, clock, log });
  const { maxMapBytes } = config.sourceMaps;
  const resolveFrames = createFrameResolver({
    maps: createSourceMaps({ store: stores.sourceMaps, clock, log, maxMapBytes }),
    folderOf: (name) => system.services.get(name)?.sourceMapsDir,
    count: dropCounter.count,
  });
  const digesting = {
    ...stores,
    resolveFrames,
    lane,
    clock,
    log,
    times: config,
    groupingRules: () => config.grouping.rules,
    ticket: (id: string) => stores.tickets.get(id),
  };
  const batcher = createBatcher({
    ...stores,
    start: (batch) => host.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id }),
    mayStart: createRunAdmission(system),
  });
  const pump = createPump({ digester: createDigester(digesting), batcher, clock, log });
  const acceptor = createAcceptor({
    lane,
    spool: stores.spool,
    dropCounter,
    clock,
    newId: () => randomBytes(16).toString("hex"),
    services: config.services,
    limits: config.limits,
    privacy: () => config.privacy,
    freeDisk: createDiskGauge(config.dataDir, clock),
    countKnown: createSeenIssueCounter(digesting),
    onAccepted: pump.nudge,
  });
  return {
    app: createIngestApp({ acceptor, keys: () => config.keys, limits: config.limits, lane, cpu, clock, log }),
    pump,
    pressure: acceptor.pressure,
    close: dropCounter.close,
  };
}
