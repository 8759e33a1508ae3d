import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { createSandbox } from "../../src/tools/sandbox/sandbox.ts";
import { PLANTS } from "./graph/plants.ts";
import { graphAttack } from "./graph/report.ts";
import { tryEscapes } from "./sandbox/escapes.ts";

const { values } = parseArgs({
  options: {
    part: { type: "string", multiple: true },
    count: { type: "string", default: "5000" },
    real: { type: "string", default: "200" },
    seed: { type: "string" },
    plant: { type: "string" },
    list: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);

/** How a part ended. `line` goes into the closing table. */
interface PartEnd {
  holds: boolean;
  line: string;
}

/** What the parts that are whole programs of their own export as `run`. */
type Run = (options: { dir: string; seed: number }) => Promise<unknown>;

/** The parts that are in files of their own: each exports `run`, which returns rows. */
const FILES = { diffs: "judgeDiffs.ts", senders: "hostileSenders.ts", canaries: "canaryTokens.ts" };

/** Columns of a row that count what must not happen; see the parts. */
const MUST_BE_ZERO = ["wrongAuto", "succeeded", "escaped", "leaked", "leaks", "violations", "failed"];

async function runFile(file: string): Promise<PartEnd> {
  const dir = await mkdtemp(join(tmpdir(), "selfheal-attack-"));
  try {
    const { run } = (await import(new URL(file, import.meta.url).href)) as { run: Run };
    const found = await run({ dir, seed });
    const rows = rowsIn(found);
    console.table(rows);
    const wrong = rows.filter((row) => row.ok === false || MUST_BE_ZERO.some((name) => Number(row[name] ?? 0) > 0));
    return {
      holds: wrong.length === 0 && rows.length > 0,
      line: `${rows.length} rows, ${wrong.length} of them broken`,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Every attempt to leave each grade of the sandbox that this machine has. */
async function attackSandbox(): Promise<PartEnd> {
  const rows: Row[] = [];
  for (const maximum of ["bubblewrap", "namespaces"] as const) {
    const sandbox = await createSandbox({ processes: createProcessRunner(), maximum });
    if (sandbox.grade !== maximum) continue;
    const { grade, held, escaped, surface } = await tryEscapes(sandbox);
    rows.push({ grade, held, escaped: escaped.length, surface: surface.length, names: escaped.join(", ") });
  }
  console.table(rows);
  const escaped = rows.reduce((sum, row) => sum + Number(row.escaped), 0);
  const grades = rows.map(({ grade, held }) => `${grade}: ${held} held`);
  return { holds: escaped === 0 && rows.length > 0, line: `${grades.join(", ")}; ${escaped} escaped` };
}

type Row = Record<string, unknown>;

function rowsIn(found: unknown): Row[] {
  if (Array.isArray(found)) return found as Row[];
  const { rows } = (found ?? {}) as { rows?: unknown };
  return Array.isArray(rows) ? (rows as Row[]) : [];
}

const say = (line: string) => console.log(line);

const parts = new Map<string, () => Promise<PartEnd>>([
  ["graph", () => graphAttack({ kind: "pretended", seed, count: Number(values.count), plant: values.plant }, say)],
  ["machine", () => graphAttack({ kind: "real", seed, count: Number(values.real) }, say)],
  ["sandbox", attackSandbox],
]);
for (const [name, file] of Object.entries(FILES))
  if (existsSync(new URL(file, import.meta.url))) parts.set(name, () => runFile(file));

if (values.list)
  console.log(`parts: ${[...parts.keys()].join(", ")}\nholes to plant: ${Object.keys(PLANTS).join(", ")}`);
else await runParts(values.part ?? (values.plant === undefined ? [...parts.keys()] : ["graph"]));

async function runParts(names: readonly string[]): Promise<void> {
  const unknown = [
    ...names.filter((name) => !parts.has(name)),
    ...(values.plant === undefined || values.plant in PLANTS ? [] : [values.plant]),
  ];
  if (unknown.length > 0) {
    console.error(`there is no ${unknown.join(", ")}: npm run attack -- --list names the parts and the holes`);
    process.exitCode = 2;
    return;
  }
  const ends: Row[] = [];
  for (const name of names) {
    const startedAt = Date.now();
    console.log(`\n${name} (seed ${seed})`);
    const end = await (parts.get(name) as () => Promise<PartEnd>)();
    if (!end.holds) process.exitCode = 1;
    ends.push({ part: name, holds: end.holds, what: end.line, seconds: Math.round((Date.now() - startedAt) / 1000) });
  }
  console.table(ends);
}
