import type { Judged, Verdict } from "./judge.ts";
import type { Kind } from "./scenario.ts";

export interface Row extends Judged {
  name: string;
  kind: Kind | "published";
  ms: number;
  tokens: number;
  usd: number;
}

const VERDICTS: readonly Verdict[] = ["healed", "rightAbstention", "missed", "wrong", "harm", "failed"];

/** A line a scenario, and the sums a kind. */
export function printTable(rows: readonly Row[], brain: string, json: boolean): void {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  const totals = kinds.map((kind) => ({ kind, ...sums(rows.filter((row) => row.kind === kind)) }));
  const all = sums(rows);
  if (json) {
    console.log(JSON.stringify({ brain, rows, totals, all }, null, 2));
    return;
  }
  for (const row of rows) {
    const seconds = `${(row.ms / 1000).toFixed(1)} s`.padStart(8);
    console.log(
      `${row.kind.padEnd(13)}${row.name.padEnd(28)}${row.verdict.padEnd(16)}${seconds}  ${oneLine(row.detail)}`,
    );
  }
  console.log(`\nbrain: ${brain}`);
  console.log(["kind".padEnd(13), ...VERDICTS.map((verdict) => verdict.padStart(16))].join(""));
  for (const { kind, counts } of [...totals, { kind: "all", ...all }])
    console.log([kind.padEnd(13), ...VERDICTS.map((verdict) => String(counts[verdict]).padStart(16))].join(""));
  console.log(`\nwrong patches that passed the gate: ${all.passedGate}`);
  console.log(`time: ${(all.ms / 1000).toFixed(0)} s, tokens: ${all.tokens}, cost: ${all.usd.toFixed(4)} USD`);
}

function sums(rows: readonly Row[]) {
  const counts = Object.fromEntries(VERDICTS.map((v) => [v, rows.filter((row) => row.verdict === v).length]));
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    counts: counts as Record<Verdict, number>,
    passedGate: rows.filter((row) => row.passedGate).length,
    ms: sum((row) => row.ms),
    tokens: sum((row) => row.tokens),
    usd: sum((row) => row.usd),
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 150);
}
