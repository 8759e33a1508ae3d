import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBrains } from "../src/composition/brains.ts";
import { compose, type System } from "../src/composition/compose.ts";
import { createModelBudget } from "../src/composition/modelBudget.ts";
import { createNodes } from "../src/composition/nodes.ts";
import { parseConfig, policyFor } from "../src/config/index.ts";
import { Evidence, Observation } from "../src/domain/evidence.ts";
import { ticketId } from "../src/domain/ids.ts";
import { digestOf } from "../src/domain/patch.ts";
import { Plan } from "../src/domain/plan.ts";
import type { Clock } from "../src/domain/ports/clock.ts";
import type { Workspaces } from "../src/domain/ports/workspace.ts";
import { createGraph } from "../src/graph/graph.ts";
import { createQuestions } from "../src/graph/nodes/escalation.ts";
import { createHeartbeat } from "../src/graph/wrappers/agentHeartbeat.ts";
import { createDrain } from "../src/graph/wrappers/drain.ts";
import { leasedNodes } from "../src/graph/wrappers/ticketLease.ts";
import { fingerprint } from "../src/ingest/grouping/fingerprint.ts";
import { buildEvent } from "../test/helpers/eventBuilder.ts";
import { buildTicketAwaitingApproval } from "../test/helpers/ticketBuilder.ts";

const HEAD = "a".repeat(40);
const DIFF =
  "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-let a = b.c;\n+let a = b?.c;\n";
const NODE_TIMEOUT_MS = 60_000;
const quiet = { info: () => undefined, warn: () => undefined, error: console.error };
const realTime: Clock = { now: () => Date.now() };

/** Heals one after another on a data folder of their own. */
export interface Healer {
  system: System;
  stores: System["stores"];
  /** A Batch of one Issue, ready to be healed. The heal returns its steps, of each of its two runs. */
  next(): Promise<() => Promise<readonly [number, number]>>;
  close(): Promise<void>;
}

/**
 * The system as compose makes it, with the real graph, nodes and wrappers of nodes (entrance, lease, headway, meter), stores,
 * gate, rails, audit and journal. Scripted, and done at once: planner, coder, reviewer, evidence, deploy target, git.
 */
export async function createHealer(tickets: number, clock = realTime): Promise<Healer> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-bench-"));
  const system = await compose(configIn(dir), { clock, log: quiet, secrets: {}, sandbox: "none" });
  const { stores } = system;
  const graph = graphOf(system, dir, clock);
  // The first heal brings one of its own.
  await Promise.all(Array.from({ length: tickets - 1 }, () => stores.tickets.open(closedTicket())));
  let count = 0;
  return {
    system,
    stores,
    async next() {
      count += 1;
      const batch = await batchOf(system, count, clock);
      return async () => {
        const id = ticketId(batch, 0);
        const options = { configurable: { thread_id: id }, durability: "sync", streamMode: "updates" } as const;
        const steps: [number, number] = [0, 0];
        for await (const _ of await graph.stream({ entry: "batch", batchId: batch }, options)) steps[0] += 1;
        for await (const _ of await graph.stream({ entry: "verify", ticketId: id }, options)) steps[1] += 1;
        const ticket = await stores.tickets.get(id);
        if (ticket?.state !== "healed") throw new Error(`not healed: ${ticket?.state} ${ticket?.reason}`);
        return steps;
      };
    },
    async close() {
      await system.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configIn(dir: string) {
  return parseConfig({
    dataDir: join(dir, "data"),
    autonomy: "full",
    sandboxForAuto: "none",
    maxAutoDeploysPerHour: 1e6,
    maxAutoDeploysPerDay: 1e6,
    autoDeploySeverity: ["critical", "high", "medium", "low"],
    services: [
      { name: "api", project: "shop", repo: dir, testCommand: "echo 1 test passed", deployCommand: "true", soakMs: 0 },
    ],
  });
}

function closedTicket() {
  return buildTicketAwaitingApproval({ service: "api", state: "healed", approval: null, closedAt: Date.now() });
}

async function batchOf({ stores }: System, number: number, clock: Clock): Promise<string> {
  const frames = [{ file: "src/a.js", function: `f${number}`, line: 1, column: 1, inApp: true }];
  const exception = { type: `E${number}`, value: "x", frames };
  const at = clock.now() - 1000;
  const event = buildEvent({ project: "shop", service: "api", exception, timestamp: at, receivedAt: at });
  await stores.spool.append([event]);
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const now = clock.now() + number;
  const window = { project: "shop", service: "api", issueIds: [issue.id], openedAt: now, lastAt: now, dueAt: now };
  return (await stores.debounce.close(window, now)).id;
}

function graphOf(system: System, dir: string, clock: Clock) {
  const { config, stores } = system;
  const heartbeat = createHeartbeat({ ...stores, clock, stuckAfterMs: () => config.escalationTimeoutMs });
  const modelBudget = createModelBudget({ ...stores, config: () => config, clock });
  const nodes = heartbeat.nodes(modelBudget.nodes(scriptedNodes(system, dir, clock)));
  return createGraph({
    nodes: createDrain().nodes(leasedNodes(nodes, { ...stores, boot: "bench", slowestNodeMs: NODE_TIMEOUT_MS })),
    question: createQuestions(stores.tickets),
    checkpointer: system.saver,
    maxAttempts: 3,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    commandTimeoutMs: NODE_TIMEOUT_MS,
  });
}

function scriptedNodes({ config, stores, services, killSwitch, breaker }: System, dir: string, clock: Clock) {
  const ok = { end: { kind: "exit", code: 0 }, stdout: "", stderr: "", durationMs: 0 } as const;
  return createNodes(config, {
    agents: {
      ...stores,
      workspaces: pretendedWorkspaces(dir),
      services,
      policyOf: async (service) => policyFor(config, service, config.autonomy),
      recordOutcome: async () => undefined,
      clock,
      log: quiet,
    },
    stores,
    recall: async () => [],
    history: {
      branches: async () => [],
      lineChanges: async () => [],
      commitsOn: async () => [],
      changeOf: async () => "",
    },
    brains: {
      ...createBrains(config, {}, { clock }),
      planner: { name: "scripted", plan: async () => ({ plan: PLAN, tokens: 0 }) },
      coder: {
        name: "scripted",
        code: async () => ({ kind: "patch", by: "rules:scripted", explanation: "", rejected: [], tokens: 0 }),
      },
      reviewer: { name: "scripted", review: async () => ({ findings: [], unavailable: [], tokens: 0 }) },
    },
    gatherer: {
      gather: async ({ patchDigest, workspace }) =>
        Evidence.parse({ ...SEEN, patchDigest, baseCommit: workspace.baseCommit }),
    },
    reproducer: { find: async () => ({ kind: "none", notes: [], tokens: 0 }), pin: async ({ test }) => test },
    checkFor: () => async () => {
      throw new Error("nothing is checked");
    },
    target: {
      deploy: async () => ok,
      rollback: async () => ok,
      health: async () => ({ kind: "healthy" }),
      liveCommit: async () => null,
    },
    notifier: { notify: async () => undefined },
    starter: { start: async () => undefined, resume: async () => undefined, stop: async () => undefined },
    killSwitch,
    breaker,
  });
}

const PLAN = Plan.parse({
  action: "fix",
  rootCause: "none",
  files: ["src/a.js"],
  places: [{ file: "src/a.js", function: "f", line: 1 }],
  culprits: [],
  by: "scripted",
  reason: "scripted",
});

function seen(on: "base" | "patch", code: number) {
  const end = { kind: "exit", code } as const;
  return Observation.parse({ command: "true", on, end, durationMs: 1, sandbox: "none", output: "0", tail: "" });
}

const SEEN = {
  grade: "E2",
  suiteBase: seen("base", 0),
  suitePatch: seen("patch", 0),
  reproductionBase: seen("base", 1),
  reproductionPatch: seen("patch", 0),
  buildPatch: null,
  sandbox: "none",
  touchesExistingTests: false,
  infrastructure: null,
  shortfalls: [],
  notChecked: [],
} as const;

function pretendedWorkspaces(dir: string): Workspaces {
  return {
    head: async () => HEAD,
    contains: async () => true,
    publish: async () => undefined,
    open: async (service, id, baseCommit) => {
      const base = "let a = b.c;\n";
      let now = base;
      return {
        ticketId: id,
        service,
        baseCommit,
        dir,
        reset: async () => {
          now = base;
        },
        apply: async () => {
          now = "let a = b?.c;\n";
          return { kind: "applied" };
        },
        diff: async () => DIFF.replace("b?.c", `b${id.replaceAll("-", "")}?.c`),
        files: async () => ["src/a.js"],
        read: async () => now,
        readBase: async () => base,
        write: async () => undefined,
        log: async () => [],
        blame: async () => null,
        reverseOf: async () => null,
        changeBy: async () => null,
        commit: async () => digestOf(id).slice(0, 40),
      };
    },
  };
}
