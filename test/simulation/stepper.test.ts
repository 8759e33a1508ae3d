import { MemorySaver } from "@langchain/langgraph";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SelfhealError } from "../../src/domain/errors.ts";
import { ModelError } from "../../src/domain/modelError.ts";
import type { AgentNode, RunInput, RunUpdate } from "../../src/domain/runState.ts";
import type { Question } from "../../src/graph/approval.ts";
import { createGraph, type Nodes } from "../../src/graph/graph.ts";
import type { Engine, Way } from "./engine.ts";
import { createLangGraphEngine, savingWhile } from "./langGraphEngine.ts";
import { type Checkpoint, createStepper } from "./stepper.ts";

/** What each node may make of it. */
const RESULTS: Record<keyof Nodes, readonly RunUpdate[]> = {
  triage: [{ ticketId: "t" }, { ticketId: "t" }, { ticketId: "t" }, { ticketId: "" }],
  startSiblings: [{ siblings: ["other"] }],
  planner: [{ planAction: "fix" }, { planAction: "fix", question: "approvePlan" }, { planAction: "abstain" }],
  coder: [{ coding: "patch", patchDigest: "p" }, { coding: "patch", attempt: 1 }, { coding: "abstained" }],
  tester: [{ testing: "good" }, { testing: "bad" }, { testing: "bad", attempt: 3 }, { testing: "infrastructure" }],
  securityReviewer: [{}],
  gate: (["auto", "ask", "ask", "refuse", "closed", "approved", "propose"] as const).map((verdict) => ({ verdict })),
  answer: (["approve", "edit", "guide", "dismiss", "unreadable"] as const).map((decision) => ({ decision, reply: "" })),
  port: [{ coding: "patch" }, { coding: "none" }],
  deployer: (["live", "failed", "moved", "lowered", "held", "busy"] as const).map((deploying) => ({ deploying })),
  verifier: [{ verifying: "held" }, { verifying: "recurred" }],
  escalation: [{ question: "escalate" }, { question: "none" }],
};

/** What becomes of the nodes, in the order in which they run: a result by its number, or a fault. */
type Fate = number | "refused" | "busy" | "lost";

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 20, arbitrary: fc.nat(6) },
  { weight: 1, arbitrary: fc.constantFrom("refused" as const, "busy" as const) },
  { weight: 1, arbitrary: fc.constant("lost" as const) },
);

const question = async (_: string, kind: Question["kind"]): Promise<Question> => ({
  kind,
  description: "",
  args: {},
  allowed: ["approve"],
});

/** Engines over one storage, each in a process that may be lost; and what the nodes were given. */
function world(fates: readonly Fate[], kind: "stepper" | "langGraph") {
  const saver = new MemorySaver();
  const threads = new Map<string, Checkpoint>();
  const trace: string[] = [];
  const left = [...fates];
  let lost: () => void = () => undefined;
  const nodeOf =
    (name: keyof Nodes, life: { alive: boolean }): AgentNode =>
    async (state) => {
      trace.push(`${name} ${JSON.stringify(state)}`);
      const next = left.shift() ?? 0;
      if (next === "refused")
        throw new ModelError("model.refused", "no", { usage: { inputTokens: 0, outputTokens: 0 } });
      if (next === "busy") throw new SelfhealError("busy", "another run works on it");
      if (next !== "lost") return RESULTS[name][next % RESULTS[name].length] ?? {};
      life.alive = false;
      lost();
      return new Promise<never>(() => undefined);
    };
  const start = (): { engine: Engine; gone: Promise<"lost"> } => {
    const life = { alive: true };
    const names = Object.keys(RESULTS) as (keyof Nodes)[];
    const nodes = Object.fromEntries(names.map((name) => [name, nodeOf(name, life)])) as unknown as Nodes;
    const times = { maxAttempts: 3, nodeTimeoutMs: 3_600_000, commandTimeoutMs: 3_600_000 };
    const alive = () => life.alive;
    const graph = createGraph({ nodes, question, checkpointer: savingWhile(saver, alive), ...times });
    const gone = new Promise<"lost">((resolve) => {
      lost = () => resolve("lost");
    });
    const after = () => () => undefined;
    const engine =
      kind === "langGraph" ? createLangGraphEngine(graph) : createStepper({ graph, question, threads, alive, after });
    return { engine, gone };
  };
  return { start, trace };
}

/** A run from its entry to its end: questions are answered, and a lost process is followed by another one. */
async function walk(fates: readonly Fate[], input: RunInput, kind: "stepper" | "langGraph"): Promise<string[]> {
  const { start, trace } = world(fates, kind);
  let { engine, gone } = start();
  let way: Way = { kind: "input", input };
  for (let turns = 0; turns < 40; turns += 1) {
    const end = await Promise.race([engine.run("t", way).then(() => "rests", String), gone]);
    trace.push(end);
    if (end === "lost") ({ engine, gone } = start());
    const { open, next, state, started } = await engine.look("t");
    trace.push(`${open.length} open, ${next} next, ${JSON.stringify(end === "lost" ? null : state)}`);
    const [asked] = open;
    if (asked !== undefined) way = { kind: "answer", answers: { [asked]: { decisions: [{ type: "approve" }] } } };
    else if (end === "lost" && !started) way = { kind: "input", input };
    else if (end === "lost") way = { kind: "on" };
    else return trace;
  }
  return trace;
}

const entries: fc.Arbitrary<RunInput> = fc.constantFrom<RunInput>(
  { entry: "batch", batchId: "b" },
  { entry: "batch", batchId: "b" },
  { entry: "ticket", ticketId: "t" },
  { entry: "deploy", ticketId: "t" },
  { entry: "verify", ticketId: "t" },
  { entry: "escalate", ticketId: "t", cause: "stuck" },
);

it("the simulation walks the graph as LangGraph does, through questions, faults and lost processes", async () => {
  const seen = { nodes: 0, questions: 0, lost: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 5, maxLength: 25 }), entries, async (fates, input) => {
      const ours = await walk(fates, input, "stepper");
      expect(ours).toEqual(await walk(fates, input, "langGraph"));
      seen.nodes += ours.filter((line) => line.includes("{")).length;
      seen.questions += ours.filter((line) => line.startsWith("1 open")).length;
      seen.lost += ours.filter((line) => line === "lost").length;
    }),
    { numRuns: 80, seed: 7 },
  );
  expect(seen.nodes).toBeGreaterThan(250);
  expect(Math.min(seen.questions, seen.lost)).toBeGreaterThan(4);
  console.log(`walks compared: ${JSON.stringify(seen)}`);
});
