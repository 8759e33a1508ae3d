import { readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { pathToFunction, type Step } from "./functionPath.ts";
import { fitOf, follow, load } from "./invoke.ts";
import { type Call, MARK, type ProbeLine, type ProbePlan, type Target, type Wanted } from "./plan.ts";
import { type Outcome, search } from "./search.ts";
import { type Look, plainValue, type Shape, UNDEFINED, watchedValue } from "./shape.ts";

// Runs in the sandbox, in its own folder at the top of the tree. One process tries many inputs.
const here = dirname(fileURLToPath(import.meta.url));
const repo = dirname(here);
const A_TARGET_MS = 3000;
const MAX_VALUE = 600;

Error.stackTraceLimit = 30;
// Side effects of the code under test must not end the search.
process.on("uncaughtException", () => undefined);
process.on("unhandledRejection", () => undefined);
const exit = process.exit.bind(process);
process.exit = () => {
  throw new Error("process.exit was called");
};

const plan: ProbePlan = JSON.parse(readFileSync(`${here}/plan.json`, "utf8"));
if (plan.mode === "value") await tellValue(plan.call);
else await searchAll(plan);
exit(0);

function say(line: ProbeLine): void {
  writeSync(1, `\n${MARK}${JSON.stringify(line)}\n`);
}

async function searchAll({ wanted, targets, budgetMs }: Extract<ProbePlan, { mode: "search" }>): Promise<void> {
  const end = Date.now() + budgetMs;
  for (const [i, target] of targets.entries()) {
    const left = end - Date.now();
    if (left <= 0) return say({ note: "the time for trying inputs is over" });
    try {
      const found = await searchOne(target, wanted, Date.now() + Math.min(left, A_TARGET_MS));
      if (found === null) continue;
      say({ ...found, target: i });
      if (found.kind === "exact") return;
    } catch (error) {
      say({ note: `${target.file} cannot be loaded: ${String((error as Error | null)?.message).split("\n")[0]}` });
    }
  }
}

type FoundCall = { found: Call; kind: "exact" | "near"; runs: number };

async function searchOne(target: Target, wanted: Wanted, end: number): Promise<FoundCall | null> {
  const module = await load(repo, target.file, target.module);
  const direct = pathToFunction(target.fn, module);
  if (direct !== null) {
    const steps: Step[] = [...direct, { call: target.known.length }];
    const { known, typical } = target;
    return searchWay(target, wanted, end, module, { steps, known, typical, inner: null });
  }
  for (const maker of target.makers) {
    const way = pathToFunction(maker.fn, module);
    if (way === null) continue;
    const steps: Step[] = [...way, { call: maker.typical.length }];
    const known = [...maker.typical.map(() => UNDEFINED), ...target.known];
    const typical = [...maker.typical, ...target.typical];
    const found = await searchWay(target, wanted, end, module, { steps, known, typical, inner: target.known.length });
    if (found !== null) return found;
  }
  return null;
}

interface Way {
  steps: Step[];
  known: readonly Shape[];
  typical: readonly Shape[];
  /**
   * The steps create an object that contains the function; this is the function's argument count. null: the steps lead
   * to the function.
   */
  inner: number | null;
}

async function searchWay(
  target: Target,
  wanted: Wanted,
  end: number,
  module: unknown,
  way: Way,
): Promise<FoundCall | null> {
  const made = countsOf(way.steps.slice(0, way.inner === null ? -1 : undefined));
  const before = Array.from({ length: countsOf(way.steps) - way.known.length + (way.inner ?? 0) }, () => UNDEFINED);
  let whole = way.steps;
  let isAsync = false;
  const onPromise = () => {
    isAsync = true;
  };
  const run = async (roots: readonly Shape[]): Promise<Outcome> => {
    const looks: Look[] = [];
    isAsync = false;
    const values = roots.map((root, i) => watchedValue(root, [String(i)], looks));
    try {
      const first = await follow(module, way.steps, values, onPromise);
      if (way.inner === null) return { kind: "returned", message: "", looks };
      const rest = pathToFunction(target.fn, first);
      if (rest === null) return { kind: "returned", message: "", looks };
      whole = [...way.steps, ...rest, { call: way.inner }];
      await follow(first, [...rest, { call: way.inner }], values.slice(made), onPromise);
      return { kind: "returned", message: "", looks };
    } catch (thrown) {
      const kind = fitOf(thrown, wanted, repo);
      return { kind, message: thrown instanceof Error ? thrown.message : String(thrown), looks };
    }
  };
  const isOver = () => Date.now() >= end;
  const found = await search({
    roots: [...before, ...way.known],
    typical: [...before, ...way.typical],
    run,
    literals: target.literals,
    isOver,
  });
  if (found === null) return null;
  // The last run may have used other arguments. Run the found ones again to set `whole` and `isAsync`.
  await run(found.roots);
  const call = { file: target.file, module: target.module, steps: whole, roots: [...found.roots], isAsync };
  return { found: call, kind: found.kind, runs: found.runs };
}

function countsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + ("get" in step ? 0 : "call" in step ? step.call : step.new), 0);
}

/** Prints what the call returns, as JSON. null when JSON cannot represent all of it. */
async function tellValue({ file, module, steps, roots }: Call): Promise<void> {
  const value = await follow(await load(repo, file, module), steps, roots.map(plainValue));
  say({ value: isPlain(value, 6) ? (JSON.stringify(value) ?? null) : null });
}

function isPlain(value: unknown, depth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean")
    return String(value).length < MAX_VALUE;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === 0) return false;
  if (Array.isArray(value)) return value.length < 20 && value.every((item) => isPlain(item, depth - 1));
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return false;
  return JSON.stringify(value).length < MAX_VALUE && Object.values(value).every((item) => isPlain(item, depth - 1));
}
