import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { CASES, type Case, readCases } from "./case.ts";
import { runFrameworks } from "./frameworks.ts";
import { judge } from "./judge.ts";
import { capture, type Prepared, prepare } from "./prepare.ts";

/** What became of one case in one mode. failed: the run itself went wrong, which says nothing about the engine. notRun: it cannot be run as it was described. */
interface Outcome {
  verdict: "healed" | "wrong" | "abstained" | "failed" | "notRun";
  detail: string;
  grade: string;
  seconds: number;
}

interface Row {
  name: string;
  holdout: boolean;
  with: Outcome;
  without: Outcome;
}

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "boolean", default: false },
    /** Only the cases that nothing was tuned on. */
    holdout: { type: "boolean", default: false },
    /** In place of the packages: a regression test in each framework, run by the framework itself. */
    frameworks: { type: "boolean", default: false },
    /** Where packages are kept between runs. */
    cache: { type: "string", default: join(homedir(), ".cache", "selfheal-cases") },
  },
});

mkdirSync(options.cache, { recursive: true });
if (options.frameworks) process.exit((await runFrameworks(options.only, options.cache)) ? 0 : 1);
const rows: Row[] = [];
for (const item of readCases(options.only, options.holdout)) {
  const row = await runCase(item);
  rows.push(row);
  if (!options.json) printRow(row);
}
printTotals(rows);
process.exitCode = rows.some((row) => [row.with, row.without].some((o) => o.verdict === "failed")) ? 1 : 0;

async function runCase(item: Case): Promise<Row> {
  const { name, holdout } = item;
  if (item.notRun !== undefined) {
    const outcome: Outcome = { verdict: "notRun", detail: item.notRun, grade: "", seconds: 0 };
    return { name, holdout, with: outcome, without: outcome };
  }
  const work = mkdtempSync(join(tmpdir(), "selfheal-case-"));
  try {
    const prepared = await prepare(item, options.cache);
    const eventFile = join(work, "event.json");
    await capture(prepared.faulty, eventFile);
    return {
      name,
      holdout,
      with: await attempt(item, prepared, eventFile, work, ["--repro", "node trigger.mjs"]),
      without: await attempt(item, prepared, eventFile, work, []),
    };
  } catch (error) {
    const outcome: Outcome = { verdict: "failed", detail: short(error), grade: "", seconds: 0 };
    return { name, holdout, with: outcome, without: outcome };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** One `selfheal heal`, judged by the probe that the engine never sees. */
async function attempt(
  item: Case,
  prepared: Prepared,
  eventFile: string,
  work: string,
  more: string[],
): Promise<Outcome> {
  const patch = join(work, "patch.diff");
  rmSync(patch, { force: true });
  const main = join(CASES, "..", "src", "cli", "index.ts");
  const started = process.hrtime.bigint();
  const command = [
    "tsx",
    main,
    "heal",
    "--repo",
    prepared.faulty,
    "--event",
    eventFile,
    "--json",
    "--out",
    patch,
    ...more,
  ];
  const ran = await execa("npx", command, { cwd: join(CASES, ".."), reject: false, timeout: 600_000 });
  const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
  const said = resultOf(ran.stdout);
  if (ran.exitCode === 2) return { verdict: "abstained", detail: said.reason, grade: said.grade, seconds };
  if (ran.exitCode !== 0) return { verdict: "failed", detail: ran.stderr.slice(-300), grade: "", seconds };
  try {
    const judgement = await judge(item, prepared, readFileSync(patch, "utf8"), join(work, "healed"));
    const detail = judgement.kind === "right" ? said.by : `${said.by}: ${judgement.differences.slice(0, 2).join("; ")}`;
    return { verdict: judgement.kind === "right" ? "healed" : "wrong", detail, grade: said.grade, seconds };
  } catch (error) {
    return { verdict: "wrong", detail: short(error), grade: said.grade, seconds };
  }
}

function resultOf(stdout: string): { reason: string; grade: string; by: string } {
  try {
    const { reason, ticket } = JSON.parse(stdout);
    return { reason: String(reason), grade: ticket?.evidence?.grade ?? "none", by: ticket?.patch?.by ?? "" };
  } catch {
    return { reason: stdout.slice(-200), grade: "none", by: "" };
  }
}

function printRow(row: Row): void {
  const line = (name: string, mode: string, o: Outcome) =>
    `${name.padEnd(32)} ${mode.padEnd(8)} ${o.verdict.padEnd(10)} ${o.grade.padEnd(5)} ${o.seconds.toFixed(1).padStart(6)}s  ${o.detail.replace(/\s+/g, " ").slice(0, 160)}`;
  console.log(line(`${row.name}${row.holdout ? " (held out)" : ""}`, "repro", row.with));
  console.log(line("", "no repro", row.without));
}

function printTotals(all: readonly Row[]): void {
  const totals = { with: totalOf(all.map((r) => r.with)), without: totalOf(all.map((r) => r.without)) };
  if (options.json) console.log(JSON.stringify({ cases: all, totals }, null, 2));
  else console.log(`\nwith a reproduction:    ${totals.with}\nwithout a reproduction: ${totals.without}`);
}

function totalOf(outcomes: readonly Outcome[]): string {
  const count = (verdict: Outcome["verdict"]) => outcomes.filter((o) => o.verdict === verdict).length;
  const unrun = count("failed") + count("notRun");
  const rest = unrun === 0 ? "" : `; ${unrun} more could not be run`;
  return `${count("healed")} healed, ${count("abstained")} abstained, ${count("wrong")} wrong of ${outcomes.length - unrun}${rest}`;
}

function short(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
