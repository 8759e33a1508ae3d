import type { CoderInput, CoderResult, Reproducer } from "../../src/agents/coder/contract.ts";
import type { CheckFor } from "../../src/agents/coder/node.ts";
import type { EvidenceGatherer } from "../../src/agents/tester/contract.ts";
import { createRulesTriage } from "../../src/agents/triage/rules.ts";
import type { Brains } from "../../src/composition/brains.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { Evidence, Finding, Observation } from "../../src/domain/evidence.ts";
import { ModelError } from "../../src/domain/modelError.ts";
import type { Workspace } from "../../src/domain/ports/workspace.ts";
import { buildEvidence, buildObservation, buildPlan } from "../helpers/ticketBuilder.ts";
import type { Random } from "./random.ts";
import { APP, brokenLine, bugLine, fixedLine, harmfulLine, wrongLine } from "./source.ts";

/** Asks one brain: an effect, for that is where time goes by. */
export type Think = <T>(name: string, apply: () => T, delayMs?: number) => Promise<T>;

const TEN_MINUTES = 600_000;

/** What a brain does when it is asked: mostly its work, and now and then what brains do. */
const MOODS = { works: 88, unavailable: 4, refuses: 2, throws: 2, hangs: 4 };

/** Scripted brains whose answers are drawn from the schedule. Triage is the real one: it needs no model. */
export function createBrains(random: Random, think: Think): Brains {
  const ask = async <T>(name: string, work: () => T): Promise<T> => {
    const mood = random.pick(MOODS);
    if (mood === "hangs") return think(`${name} hangs`, work, TEN_MINUTES);
    if (mood === "works") return think(name, work);
    return think(`${name} ${mood}`, () => {
      const usage = { inputTokens: 10, outputTokens: 1 };
      if (mood === "unavailable") throw new ModelError("model.unavailable", "503", { usage });
      if (mood === "refuses") throw new ModelError("model.refused", "no", { usage });
      throw new TypeError("a bug in the brain");
    });
  };
  return {
    triage: createRulesTriage(),
    planner: {
      name: "scripted",
      plan: ({ event }) =>
        ask("planner", () => {
          const action = random.chance(0.05) ? ("abstain" as const) : ("fix" as const);
          const place = { file: APP, line: numberOf(event) + 1, function: `f${numberOf(event)}` };
          const rootCause = "a user without a profile";
          return { plan: buildPlan({ action, files: [APP], places: [place], rootCause, by: "scripted" }), tokens: 3 };
        }),
    },
    coder: { name: "scripted", code: (input) => code(random, ask, input) },
    reviewer: {
      name: "scripted",
      review: () =>
        ask("reviewer", () => {
          const soft: Finding = { rule: "looksOdd", weight: "soft", path: APP, line: 1, message: "odd" };
          const findings = random.chance(0.06)
            ? [{ ...soft, weight: random.chance(0.3) ? "hard" : "soft" } as Finding]
            : [];
          return { findings, unavailable: random.chance(0.03) ? ["a scanner"] : [], tokens: 2 };
        }),
    },
  };
}

type Ask = <T>(name: string, work: () => T) => Promise<T>;

/** What the coder writes. The last two are what a model does that obeys an attacker. */
const PATCHES = { good: 66, wrong: 8, broken: 4, abstain: 6, harmful: 8, workflow: 8 };

async function code(random: Random, ask: Ask, { event, workspace }: CoderInput): Promise<CoderResult> {
  const kind = random.pick(PATCHES);
  const rest = { rejected: [], tokens: 5 };
  if (kind === "abstain")
    return ask("coder", () => ({ kind: "abstained", reason: "no idea", wouldChangeMind: "a hint", ...rest }));
  const n = numberOf(event);
  const line = {
    good: fixedLine(n),
    workflow: fixedLine(n),
    harmful: harmfulLine(n),
    broken: brokenLine(n),
    wrong: wrongLine(n, random.below(3)),
  }[kind];
  await ask("coder", () => null);
  const source = await workspace.read(APP);
  await workspace.write(APP, source.replace(bugLine(n), line));
  if (kind === "workflow") await workspace.write(".github/workflows/deploy.yml", "on: push\n");
  return { kind: "patch", by: "scripted", explanation: `${kind} repair`, ...rest };
}

/** Which bug of the service it is: the crashing functions are called f0, f1, … */
export function numberOf(event: CapturedEvent): number {
  return Number(event.exception.frames[0]?.function?.slice(1) ?? 0);
}

/** Nothing is reproduced by a test of its own. */
export const noReproduction: Reproducer = {
  find: async () => ({ kind: "none", notes: [], tokens: 0 }),
  pin: async ({ test }) => test,
};

/** The coder's own look counts for nothing, and says nothing here. */
export const noCheck: CheckFor = () => async () => ({ reproductionPassed: null, suitePassed: null, summary: "" });

/** What the tester is told about: by the patch's digest and base. */
export type Observed = (evidence: Evidence) => void;

/** Reads the patched tree, as a suite and a reproduction would run it; now and then nothing can be told. */
export function createGatherer(random: Random, think: Think, observed: Observed): EvidenceGatherer {
  return {
    async gather({ workspace, event, diff, patchDigest }) {
      const applied = await workspace.apply(diff);
      const source = applied.kind === "applied" ? await workspace.read(APP) : "";
      const evidence = evidenceOf(random, workspace, patchDigest, lineOf(source, numberOf(event)), source);
      if (applied.kind === "conflict") Object.assign(evidence, { grade: "none", shortfalls: ["apply"] });
      observed(evidence);
      return think("tester", () => evidence);
    },
  };
}

function lineOf(source: string, n: number): string {
  return source.split("\n")[n] ?? "";
}

function evidenceOf(random: Random, workspace: Workspace, digest: string, line: string, source: string): Evidence {
  const green = (ok: boolean): Observation => buildObservation({ end: { kind: "exit", code: ok ? 0 : 1 } });
  const isFixed = line.includes("?.") || line.includes("child_process");
  const runs = !source.includes("BROKEN");
  const bound = { patchDigest: digest, baseCommit: workspace.baseCommit };
  if (random.chance(0.04)) return buildEvidence({ ...bound, grade: "none", infrastructure: "the sandbox was killed" });
  // There is no reproduction for every exception.
  if (random.chance(0.12)) {
    const none = { reproductionBase: null, reproductionPatch: null, shortfalls: ["reproduction"] };
    return buildEvidence({ ...bound, ...none, grade: runs ? "E1" : "E0", suitePatch: green(runs) });
  }
  const grade = isFixed && runs ? "E2" : "E0";
  return buildEvidence({ ...bound, grade, reproductionPatch: green(isFixed), suitePatch: green(runs) });
}
