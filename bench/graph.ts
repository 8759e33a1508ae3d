import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { createBrains } from "../src/brains.ts";
import { compose } from "../src/compose.ts";
import { parseConfig, policyFor } from "../src/config.ts";
import { Evidence, Observation } from "../src/domain/evidence.ts";
import { ticketId } from "../src/domain/ids.ts";
import { digestOf, Plan } from "../src/domain/patch.ts";
import type { Workspaces } from "../src/domain/ports.ts";
import { createQuestions } from "../src/graph/escalation.ts";
import { createGraph } from "../src/graph/graph.ts";
import { fingerprint } from "../src/ingest/fingerprint.ts";
import { createNodes } from "../src/nodes.ts";
import { buildEvent } from "../test/helpers/eventBuilder.ts";

const HEAD = "a".repeat(40);
const DIFF =
  "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-let a = b.c;\n+let a = b?.c;\n";
const ROUNDS = Number(process.argv.find((a) => /^\d+$/.test(a)) ?? 20);
const dir = mkdtempSync(join(tmpdir(), "selfheal-bench-"));
const service = { name: "api", project: "shop", repo: dir, testCommand: "true", deployCommand: "true", soakMs: 0 };
const config = parseConfig({
  dataDir: join(dir, "data"),
  autonomy: "full",
  sandboxForAuto: "none",
  maxAutoDeploysPerHour: 1e6,
  maxAutoDeploysPerDay: 1e6,
  autoDeploySeverity: ["critical", "high", "medium", "low"],
  services: [service],
});
const quiet = { info: () => undefined, warn: () => undefined, error: console.error };
const clock = { now: () => Date.now() };
const system = await compose(config, { clock, log: quiet, secrets: {}, sandbox: "none" });
const { stores } = system;

/** No git: what is measured is the orchestration. */
const workspaces: Workspaces = {
  head: async () => HEAD,
  contains: async () => true,
  publish: async () => undefined,
  remove: async () => undefined,
  open: async (of, id, baseCommit) => ({
    ticketId: id,
    service: of,
    baseCommit,
    dir,
    reset: async () => undefined,
    apply: async () => ({ kind: "applied" }),
    diff: async () => DIFF,
    files: async () => ["src/a.js"],
    read: async () => "let a = b.c;\n",
    write: async () => undefined,
    log: async () => [],
    blame: async () => null,
    reverseOf: async () => null,
    commit: async () => digestOf(id).slice(0, 40),
  }),
};
const seen = (on: "base" | "patch", code: number) =>
  Observation.parse({
    command: "true",
    on,
    end: { kind: "exit", code },
    durationMs: 1,
    sandbox: "none",
    output: "0",
    tail: "",
  });
const plan = Plan.parse({
  action: "fix",
  rootCause: "none",
  files: ["src/a.js"],
  places: [{ file: "src/a.js", function: "f", line: 1 }],
  culprits: [],
  by: "scripted",
  reason: "scripted",
});
const ok = { end: { kind: "exit", code: 0 }, stdout: "", stderr: "", durationMs: 0 } as const;
const graph = createGraph({
  nodes: createNodes(config, {
    agents: {
      ...stores,
      workspaces,
      services: system.services,
      policyOf: async (s) => policyFor(config, s, config.autonomy),
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
      planner: { name: "scripted", plan: async () => ({ plan, tokens: 0 }) },
      coder: {
        name: "scripted",
        code: async () => ({ kind: "patch", by: "rules:scripted", explanation: "", rejected: [], tokens: 0 }),
      },
      reviewer: { name: "scripted", review: async () => ({ findings: [], unavailable: [], tokens: 0 }) },
    },
    gatherer: {
      gather: async ({ patchDigest, workspace }) =>
        Evidence.parse({
          patchDigest,
          baseCommit: workspace.baseCommit,
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
        }),
    },
    reproducer: { find: async () => ({ kind: "none", notes: [] }), pin: async ({ test }) => test },
    checkFor: () => async () => ({ kind: "unknown", reason: "not checked" }) as never,
    target: {
      deploy: async () => ok,
      rollback: async () => ok,
      health: async () => ({ kind: "healthy" }),
      liveCommit: async () => null,
    },
    notifier: { notify: async () => undefined },
    starter: { start: async () => undefined, resume: async () => undefined, stop: async () => undefined },
    killSwitch: system.killSwitch,
    rails: system.rails,
  }),
  question: createQuestions(stores.tickets),
  checkpointer: system.saver,
  maxAttempts: 3,
  nodeTimeoutMs: 60_000,
  commandTimeoutMs: 60_000,
});

let steps = 0;
let count = 0;
async function heal(): Promise<number> {
  count += 1;
  const frames = [{ file: "src/a.js", function: `f${count}`, line: 1, column: 1, inApp: true }];
  const event = buildEvent({ project: "shop", service: "api", exception: { type: `E${count}`, value: "x", frames } });
  await stores.spool.append([event]);
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const now = clock.now() + count;
  const window = { project: "shop", service: "api", issueIds: [issue.id], openedAt: now, lastAt: now, dueAt: now };
  const batch = await stores.debounce.close(window, now);
  const id = ticketId(batch.id, 0);
  const options = { configurable: { thread_id: id }, durability: "sync", streamMode: "updates" } as const;
  const start = performance.now();
  steps = 0;
  for await (const _ of await graph.stream({ entry: "batch", batchId: batch.id }, options)) steps += 1;
  const at = await stores.tickets.get(id);
  if (at?.state !== "soaking") throw new Error(`${at?.state} ${JSON.stringify(at?.gate)} ${at?.reason}`);
  for await (const _ of await graph.stream({ entry: "verify", ticketId: id }, options)) steps += 1;
  const took = performance.now() - start;
  const ticket = await stores.tickets.get(id);
  if (ticket?.state !== "healed") throw new Error(`not healed: ${ticket?.state} ${ticket?.reason}`);
  return took;
}

const State = Annotation.Root({ id: Annotation<string>, step: Annotation<number> });
function bareGraph(nodes: number) {
  let built = new StateGraph(State) as StateGraph<typeof State.spec, typeof State.State, typeof State.Update, string>;
  for (let i = 0; i < nodes; i += 1) built = built.addNode(`n${i}`, async () => ({ step: i })) as typeof built;
  built.addEdge(START, "n0");
  for (let i = 1; i < nodes; i += 1) built.addEdge(`n${i - 1}`, `n${i}`);
  built.addEdge(`n${nodes - 1}`, END);
  return built.compile({ checkpointer: new SqliteSaver(stores.checkpoints) });
}

const median = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const round = (ms: number) => Math.round(ms * 10) / 10;
try {
  await heal();
  const bare = bareGraph(steps);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i += 1) {
    ours.push(await heal());
    const start = performance.now();
    const options = { configurable: { thread_id: randomUUID() }, durability: "sync", streamMode: "updates" } as const;
    for await (const _ of await bare.stream({ id: "x", step: 0 }, options));
    theirs.push(performance.now() - start);
  }
  const row = (all: number[]) => ({
    medianMs: round(median(all)),
    minMs: round(Math.min(...all)),
    maxMs: round(Math.max(...all)),
    msAStep: round(median(all) / steps),
  });
  const result = {
    node: process.version,
    cores: cpus().length,
    rounds: ROUNDS,
    steps,
    heal: row(ours),
    bare: row(theirs),
    ratio: round(median(ours) / median(theirs)),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  await system.close();
  rmSync(dir, { recursive: true, force: true });
}
