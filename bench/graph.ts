/**
 * What orchestration costs: a whole heal beside a bare LangGraph graph of as many steps and runs on the same saver, in turns,
 * with 1, 100 and 10,000 tickets in the book. `npm run bench:graph -- [--json] [--rounds 100] [--tickets 1,100]`
 */
import { spawnSync } from "node:child_process";
import { accessSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { createBareGraph } from "./bareGraph.ts";
import { createHealer } from "./scriptedHeal.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "100" },
    tickets: { type: "string", default: "1,100,10000" },
    /** One size, in this process; `counted`: only two rounds, with marks in the trace. */
    one: { type: "string" },
    counted: { type: "boolean", default: false },
  },
});

interface Times {
  minMs: number;
  medianMs: number;
  p99Ms: number;
}

interface Measured {
  tickets: number;
  steps: number;
  heal: Times;
  bare: Times;
  ratio: number;
  rssMb: number;
}

type Row = Measured & { fsyncs: { heal: number; bare: number } | null };

async function measure(tickets: number, rounds: number): Promise<Measured> {
  const healer = await createHealer(tickets);
  try {
    const steps = await (await healer.next())();
    const bare = createBareGraph(new SqliteSaver(healer.stores.checkpoints), steps);
    await bare();
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let i = 0; i < rounds; i += 1) {
      const heal = await healer.next();
      const first = i % 2 === 0 ? [ours, theirs] : [theirs, ours];
      for (const times of first) times.push(await timed(times === ours ? heal : bare));
    }
    const [heal, alone] = [timesOf(ours), timesOf(theirs)];
    const ratio = round(heal.medianMs / alone.medianMs, 100);
    const rssMb = Math.round(process.memoryUsage().rss / 1e6);
    return { tickets, steps: steps[0] + steps[1], heal, bare: alone, ratio, rssMb };
  } finally {
    await healer.close();
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function timesOf(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0, 10);
  return { minMs: at(0), medianMs: at(0.5), p99Ms: at(0.99) };
}

function round(value: number, to: number): number {
  return Math.round(value * to) / to;
}

const HEAL = "/selfheal-bench-heal";
const BARE = "/selfheal-bench-bare";
const REST = "/selfheal-bench-rest";

/** Leaves a mark in the trace. */
function mark(path: string): void {
  try {
    accessSync(path);
  } catch {
    // There is no such file: only that it was asked for matters.
  }
}

async function counted(tickets: number): Promise<void> {
  const healer = await createHealer(tickets);
  const steps = await (await healer.next())();
  const bare = createBareGraph(new SqliteSaver(healer.stores.checkpoints), steps);
  const heal = await healer.next();
  mark(HEAL);
  await heal();
  mark(BARE);
  await bare();
  mark(REST);
  await healer.close();
}

/** How often one of each asks the disk to keep something, seen by strace; null where there is no strace. */
function countFsyncs(tickets: number): Row["fsyncs"] {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-trace-"));
  try {
    const file = join(dir, "trace");
    const strace = ["-f", "-o", file, "-e", "trace=fsync,fdatasync,?access,?faccessat,?faccessat2", process.execPath];
    const { status } = spawnSync("strace", [...strace, ...again("--one", String(tickets), "--counted")]);
    if (status !== 0) return null;
    const count = { heal: 0, bare: 0 };
    let now: keyof typeof count | null = null;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line.includes(HEAL)) now = "heal";
      else if (line.includes(BARE)) now = "bare";
      else if (line.includes(REST)) now = null;
      else if (now !== null && /\bf(?:data)?sync\(/.test(line)) count[now] += 1;
    }
    return count;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function again(...args: string[]): string[] {
  return [...process.execArgv, process.argv[1] ?? "", ...args];
}

/** In a process of its own: memory is that of one size. */
function measureApart(tickets: number): Row {
  const run = spawnSync(process.execPath, again("--one", String(tickets), "--rounds", values.rounds), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`the run with ${tickets} tickets ended with ${run.status ?? run.signal}`);
  return { ...(JSON.parse(run.stdout) as Measured), fsyncs: countFsyncs(tickets) };
}

function table(rows: readonly Row[]): string {
  const cell = ({ minMs, medianMs, p99Ms }: Times) => `${medianMs} (${minMs} to ${p99Ms})`;
  const lines = rows.map(({ tickets, steps, heal, bare, ratio, fsyncs, rssMb }) =>
    [tickets, steps, cell(heal), cell(bare), ratio, fsyncs?.heal ?? "?", fsyncs?.bare ?? "?", rssMb].join(" | "),
  );
  return [
    "tickets | steps | heal: median ms (min to 99 %) | bare | ratio | fsyncs of a heal | of bare | RSS MB",
    "--- | --- | --- | --- | --- | --- | --- | ---",
    ...lines,
  ]
    .map((line) => `| ${line} |`)
    .join("\n");
}

if (values.one !== undefined) {
  if (values.counted) await counted(Number(values.one));
  else console.log(JSON.stringify(await measure(Number(values.one), Number(values.rounds))));
} else {
  const rows = values.tickets.split(",").map((size) => measureApart(Number(size)));
  const machine = { node: process.version, cores: cpus().length, rounds: Number(values.rounds) };
  if (values.json) console.log(JSON.stringify({ ...machine, rows }, null, 2));
  else console.log(`node ${machine.node}, ${machine.cores} cores, ${machine.rounds} rounds\n\n${table(rows)}`);
}
