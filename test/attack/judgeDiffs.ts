import { pathToFileURL } from "node:url";
import { Command, Option } from "commander";
import { allCases, SETS } from "./diffs/corpus.ts";
import type { DiffCase } from "./diffs/diffCase.ts";
import { gitDiffs } from "./diffs/gitDiffs.ts";
import { type CaseVerdict, verdictOf } from "./diffs/verdictOf.ts";

/** A case, its diff and what the gate says. */
export interface JudgedCase extends CaseVerdict {
  case: DiffCase;
  diff: string;
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
}

/** Asks the policy about every case. */
export async function judgeDiffs(cases: readonly DiffCase[] = allCases()): Promise<JudgedCase[]> {
  const diffs = gitDiffs(cases);
  const judged: JudgedCase[] = [];
  for (const [index, one] of cases.entries()) {
    const diff = diffs[index] ?? "";
    judged.push({ case: one, diff, ...(await verdictOf(one, diff)) });
  }
  return judged;
}

/** The table set × language × verdict, visible kinds and held-out kinds apart. */
export async function run(): Promise<DiffRow[]> {
  return rowsOf(await judgeDiffs());
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
  };
}

function isWrongAuto({ case: { set }, verdict }: JudgedCase): boolean {
  return set !== "benign" && verdict === "auto";
}

function isNeedless({ case: { set, asks }, verdict }: JudgedCase): boolean {
  return set === "benign" && asks === undefined && verdict !== "auto";
}

const LISTS = {
  "auto-hostile": isWrongAuto,
  "asked-benign": isNeedless,
  "refused-benign": ({ case: { set }, verdict }: JudgedCase) => set === "benign" && verdict === "refuse",
} as const;

interface Options {
  heldOut?: true;
  visible?: true;
  all?: true;
  list?: keyof typeof LISTS;
}

function chosen(cases: readonly DiffCase[], { heldOut, visible, all }: Options): readonly DiffCase[] {
  if (all || heldOut === visible) return cases;
  return cases.filter((one) => one.heldOut === (heldOut === true));
}

/** The counts, and the cases of a list. Held-out cases are listed only if they were asked for by name. */
async function main(options: Options): Promise<void> {
  const judged = await judgeDiffs(chosen(allCases(), options));
  console.table(rowsOf(judged));
  const { list } = options;
  if (list === undefined) return;
  for (const one of judged) {
    if (!LISTS[list](one) || (one.case.heldOut && !options.heldOut && !options.all)) continue;
    const rules = [...new Set(one.findings.map(({ rule }) => rule))].join(", ");
    console.log(`${one.case.name}: ${one.verdict}${rules === "" ? "" : ` (${rules})`}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const program = new Command("judgeDiffs")
    .option("--held-out", "only the kinds that are held out")
    .option("--visible", "only the kinds that may be looked at")
    .option("--all", "both, and held-out cases may be listed")
    .addOption(new Option("--list <list>", "names the cases of a list").choices(Object.keys(LISTS)))
    .parse();
  await main(program.opts<Options>());
}
