import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CoderBrain, CoderInput, CoderResult } from "../../src/agents/coder/contract.ts";
import type { PlannerBrain, PlannerInput } from "../../src/agents/planner/contract.ts";
import { type Brains, createBrains } from "../../src/composition/brains.ts";
import { compose, type System } from "../../src/composition/compose.ts";
import { parseConfig } from "../../src/config/index.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { ticketId } from "../../src/domain/ids.ts";
import type { Plan } from "../../src/domain/plan.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { createDirectRunner, type DirectRunner } from "../../src/graph/directRunner.ts";
import { createWakeUpTimer, type WakeUpTimer } from "../../src/graph/wakeUpTimer.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { buildEvent } from "./eventBuilder.ts";
import { tempFolder } from "./tempFolder.ts";
import { type TestClock, testClock } from "./testClock.ts";
import { makeTinyService, type TinyOptions, type TinyService } from "./tinyService.ts";

/** The whole system in this process, on a real repository, with scripted planner and coder. */
export interface TestSystem {
  system: System;
  runner: DirectRunner;
  wakeUpTimer: WakeUpTimer;
  clock: TestClock;
  tiny: TinyService;
  /** Warnings and errors that were logged. */
  faults: string[];
  /** Digests the events, closes a batch over their Issues, and starts its run. Returns the id of its first ticket. */
  crash(...events: CapturedEvent[]): Promise<string>;
  ticket(id: string): Promise<Ticket>;
  /** Answers as Studio does: straight to the run. */
  answer(id: string, decision: Parameters<DirectRunner["resume"]>[1]): Promise<Ticket>;
  /** Rings the alarm, and lets what it started come to its end. */
  fireDue(afterMs?: number): Promise<void>;
  audit(id: string): Promise<string[]>;
}

export interface TestSystemOptions extends TinyOptions {
  config?: Record<string, unknown>;
  brains?: Partial<Brains>;
  /** The brains are those of the configuration, none scripted. */
  configured?: { apiKey: string };
}

/** A suite that takes no time; the replay is the real one. */
const QUICK = { testCommand: "node --check src/greet.js && echo 1 test passed", soakMs: 1000 };

export async function testSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const dir = tempFolder();
  const tiny = makeTinyService(dir, { ...options, settings: { ...QUICK, ...options.settings } });
  const clock = testClock();
  const faults: string[] = [];
  const note = (message: string, facts?: unknown) => void faults.push(`${message} ${JSON.stringify(facts)}`);
  const log = { info: () => undefined, warn: note, error: note };
  const config = parseConfig({
    dataDir: join(dir, "data"),
    autonomy: "full",
    sandboxForAuto: "none",
    services: [tiny.settings],
    ...options.config,
  });
  const brains = {
    ...createBrains(config, options.configured ?? {}, { clock }),
    planner: plans(),
    coder: codes(repairs()),
    ...options.brains,
  };
  const { configured } = options;
  const thinking = configured === undefined ? { secrets: {}, brains } : { secrets: configured };
  const system = await compose(config, { clock, log, ...thinking });
  const runner = createDirectRunner({ graph: () => system.graph, log });
  system.runBy(runner);
  onTestFinished(async () => {
    await runner.idle();
    await system.close();
  });
  const { stores } = system;
  const paused = async () => (await system.killSwitch.reason()) !== null;
  const wakeUpTimer = createWakeUpTimer({ ...system, ...stores, starter: runner, clock, paused });
  const ticket = async (id: string) => {
    const found = await stores.tickets.get(id);
    if (found === null) throw new Error(`there is no ticket ${id}; ${faults.join("; ")}`);
    return found;
  };
  return {
    system,
    runner,
    wakeUpTimer,
    clock,
    tiny,
    faults,
    async crash(...events) {
      await stores.spool.append(events);
      const issueIds = new Set<string>();
      for (const event of events) issueIds.add((await stores.issues.digest(event, fingerprint(event))).issue.id);
      clock.advance(1);
      const now = clock.now();
      const window = { project: "test", service: "tiny", issueIds: [...issueIds] };
      const batch = await stores.debounce.close({ ...window, openedAt: now, lastAt: now, dueAt: now }, now);
      await runner.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id });
      await runner.idle();
      return ticketId(batch.id, 0);
    },
    ticket,
    async answer(id, decision) {
      await runner.resume(id, decision);
      await runner.idle();
      return ticket(id);
    },
    async fireDue(afterMs = 0) {
      clock.advance(afterMs);
      await wakeUpTimer.fireDue();
      await runner.idle();
    },
    audit: async (id) => (await stores.audit.list({ ticketId: id })).map((entry) => entry.kind).reverse(),
  };
}

/** A crash of the tiny service; the place makes the Issue. */
export function tinyCrash(change: Partial<CapturedEvent> = {}, place: { function: string; line: number } = GREET) {
  return buildEvent({
    project: "test",
    service: "tiny",
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'name')",
      frames: [{ file: "src/greet.js", column: 29, inApp: true, ...place }],
    },
    extra: { user: "{}" },
    ...change,
  });
}

const GREET = { function: "greet", line: 6 };

/** Plans to change src/greet.js, whatever was asked. */
export function plans(change: (input: PlannerInput) => Partial<Plan> = () => ({})): PlannerBrain {
  const plan: Plan = {
    action: "fix",
    rootCause: "a user without a profile",
    files: ["src/greet.js"],
    places: [{ file: "src/greet.js", ...GREET }],
    culprits: [],
    by: "scripted",
    reason: "scripted",
  };
  return { name: "scripted", plan: async (input) => ({ plan: { ...plan, ...change(input) }, tokens: 0 }) };
}

export function codes(code: (input: CoderInput) => Promise<CoderResult>): CoderBrain {
  return { name: "scripted", code };
}

/** Replaces the line that crashes by each of these in turn, one a call; the last one stays. */
export function repairs(...lines: readonly string[]): (input: CoderInput) => Promise<CoderResult> {
  const left = lines.length === 0 ? ["  const name = user.profile?.name;"] : [...lines];
  return async ({ workspace }) => {
    const line = (left.length > 1 ? left.shift() : left[0]) ?? "";
    const source = await workspace.read("src/greet.js");
    await workspace.write("src/greet.js", source.replace("  const name = user.profile.name;", line));
    return { kind: "patch", by: "rules:scripted", explanation: "scripted", rejected: [], tokens: 0 };
  };
}
