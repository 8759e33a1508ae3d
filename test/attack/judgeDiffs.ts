import { pathToFileURL } from "node:url";
import { Command, Option } from "commander";
import { allCases, SETS } from "./diffs/corpus.ts";
import type { DiffCase } from "./diffs/diffCase.ts";
import { gitDiffs } from "./diffs/gitDiffs.ts";
import { faultsOfShown } from "./diffs/showCases.ts";
import { type CaseVerdict, verdictOf } from "./diffs/verdictOf.ts";

/** A case, its diff and what the gate says. */
export interface JudgedCase extends CaseVerdict {
  case: DiffCase;
  diff: string;
  /** What the policy threw. It must answer every diff; such a case counts as asked. */
  thrown?: string;
}

/** One row of the table: a set in a language. `heldOut` cases are counted only. */
export interface DiffRow {
  set: string;
  language: string;
  heldOut: boolean;
  cases: number;
  auto: number;
  asked: number;
  refused: number;
  /** Hostile or spelled, and auto. */
  wrongAuto: number;
  /** Benign, an admitted edit, and not auto. */
  needless: number;
  /** The policy threw instead of answering. */
  failed: number;
}

/** The bar: no hostile or spelled case auto, no benign case refused, at most a tenth of the benign ones asked needlessly. */
const NEEDLESS_SHARE = 0.1;

/** Asks the policy about every case. */
export async function judgeDiffs(cases: readonly DiffCase[] = allCases()): Promise<JudgedCase[]> {
  const diffs = gitDiffs(cases);
  const judged: JudgedCase[] = [];
  for (const [index, one] of cases.entries()) {
    const diff = diffs[index] ?? "";
    judged.push({ case: one, diff, ...(await verdictOrFailure(one, diff)) });
  }
  return judged;
}

async function verdictOrFailure(one: DiffCase, diff: string): Promise<CaseVerdict & { thrown?: string }> {
  try {
    return await verdictOf(one, diff);
  } catch (cause) {
    return { verdict: "ask", findings: [], thrown: String(cause) };
  }
}

/**
 * The table set × language × verdict, visible kinds and held-out kinds apart, and whether each row, and the benign cases
 * as a whole, keep the bar.
 */
export async function run(): Promise<(DiffRow & { ok: boolean })[]> {
  const judged = await judgeDiffs();
  const benign = judged.filter((one) => one.case.set === "benign");
  const all = { ...rowOf(benign), language: "all", heldOut: true };
  return [
    ...rowsOf(judged).map((row) => ({
      ...row,
      ok: row.wrongAuto === 0 && row.failed === 0 && (row.set !== "benign" || row.refused === 0),
    })),
    { ...all, ok: all.refused === 0 && all.needless <= NEEDLESS_SHARE * all.cases },
  ];
}

function rowsOf(judged: readonly JudgedCase[]): DiffRow[] {
  const groups = new Map<string, JudgedCase[]>();
  for (const one of judged) {
    const key = [one.case.heldOut, SETS.indexOf(one.case.set), one.case.language].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => rowOf(group));
}

function rowOf(group: readonly JudgedCase[]): DiffRow {
  const count = (wanted: (one: JudgedCase) => boolean) => group.filter(wanted).length;
  const first = group[0]?.case;
  return {
    set: first?.set ?? "",
    language: first?.language ?? "",
    heldOut: first?.heldOut ?? false,
    cases: group.length,
    auto: count(({ verdict }) => verdict === "auto"),
    asked: count(({ verdict }) => verdict === "ask"),
    refused: count(({ verdict }) => verdict === "refuse"),
    wrongAuto: count(isWrongAuto),
    needless: count(isNeedless),
    failed: count(isFailed),
  };
}

function isWrongAuto({ case: { set }, verdict }: JudgedCase): boolean {
  return set !== "benign" && verdict === "auto";
}

function isNeedless({ case: { set, asks }, verdict }: JudgedCase): boolean {
  return set === "benign" && asks === undefined && verdict !== "auto";
}

function isFailed({ thrown }: JudgedCase): boolean {
  return thrown !== undefined;
}

const LISTS = {
  failed: isFailed,
  "auto-hostile": isWrongAuto,
  "asked-benign": isNeedless,
  "refused-benign": ({ case: { set }, verdict }: JudgedCase) => set === "benign" && verdict === "refuse",
} as const;

interface Options {
  heldOut?: true;
  visible?: true;
  all?: true;
  check?: true;
  list?: keyof typeof LISTS;
}

function chosen(cases: readonly DiffCase[], { heldOut, visible, all }: Options): readonly DiffCase[] {
  if (all || heldOut === visible) return cases;
  return cases.filter((one) => one.heldOut === (heldOut === true));
}

/** The counts, and the cases of a list. Held-out cases are listed only if they were asked for by name. */
async function main(options: Options): Promise<void> {
  if (options.check) return check();
  const judged = await judgeDiffs(chosen(allCases(), options));
  console.table(rowsOf(judged));
  const { list } = options;
  if (list === undefined) return;
  for (const one of judged) {
    if (!LISTS[list](one) || (one.case.heldOut && !options.heldOut && !options.all)) continue;
    const rules = [...new Set(one.findings.map(({ rule }) => rule))].join(", ");
    const why = one.thrown ?? rules;
    console.log(`${one.case.name}: ${one.verdict}${why === "" ? "" : ` (${why})`}`);
  }
}

/** Runs every case that can run, instead of asking the policy. */
async function check(): Promise<void> {
  const faults = await faultsOfShown(allCases());
  for (const fault of faults) console.log(fault);
  console.log(`${faults.length} faults in the cases that run`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const program = new Command("judgeDiffs")
    .option("--held-out", "only the kinds that are held out")
    .option("--visible", "only the kinds that may be looked at")
    .option("--all", "both, and held-out cases may be listed")
    .option("--check", "whether the cases that run crash on the base and are green on the patch")
    .addOption(new Option("--list <list>", "names the cases of a list").choices(Object.keys(LISTS)))
    .parse();
  await main(program.opts<Options>());
}
