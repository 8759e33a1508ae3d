import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { CASES, type Case } from "./case.ts";
import type { Prepared } from "./prepare.ts";

export type Judgement = { kind: "right" } | { kind: "wrong"; differences: string[] };

/** Runs the probe on the healed tree and on the fixed published version, and compares what could be seen. */
export async function judge(item: Case, prepared: Prepared, diff: string, dir: string): Promise<Judgement> {
  rmSync(dir, { recursive: true, force: true });
  await execa("git", ["clone", "-q", prepared.faulty, dir]);
  symlinkSync(join(prepared.faulty, "node_modules"), join(dir, "node_modules"));
  writeFileSync(`${dir}.diff`, diff);
  await execa("git", ["apply", `${dir}.diff`], { cwd: dir });
  const healed = await observed(item, dir);
  const fixed = await observed(item, prepared.fixed);
  const names = new Set([...Object.keys(healed), ...Object.keys(fixed)]);
  const differences = [...names]
    .filter((name) => JSON.stringify(healed[name]) !== JSON.stringify(fixed[name]))
    .map((name) => `${name}: healed ${short(healed[name])}, fixed version ${short(fixed[name])}`);
  return differences.length === 0 ? { kind: "right" } : { kind: "wrong", differences };
}

/** What the probe saw, by input. A probe that dies is one observation of that. */
async function observed(item: Case, dir: string): Promise<Record<string, unknown>> {
  const ran = await execa("node", [join(CASES, item.name, "probe.mjs")], { cwd: dir, reject: false, timeout: 60_000 });
  const line = ran.stdout.split("\n").findLast((l) => l.startsWith("OBSERVED "));
  return line === undefined
    ? { "": `the probe died: ${ran.stderr.slice(-300)}` }
    : JSON.parse(line.slice("OBSERVED ".length));
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 160);
}
