import { realpath } from "node:fs/promises";
import { posix } from "node:path";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { addedLinesOf, isCode } from "../git/addedLines.ts";
import { readPlain } from "../git/safeFiles.ts";
import { isTestPath } from "./testCommand.ts";
import { type LineCoverage, linesRun } from "./v8Coverage.ts";

/** Runnable lines that a patch adds, and how many of them ran in the reproduction and the suite together. */
export interface Coverage {
  covered: number;
  total: number;
}

const LCOV = ["coverage/lcov.info", "lcov.info", "cover/lcov.info"];
const MEASURABLE = /\.(?:[cm]?[jt]sx?|py|exs?|vue|svelte)$/;

/**
 * Coverage of the changed lines. It comes from V8, or, for a file that V8 did not measure, from the lcov file that the
 * suite wrote. null when neither measured one of the changed files, or when no measurable file changed.
 */
export async function coverageOf(workspace: Workspace, diff: string, v8: readonly string[]): Promise<Coverage | null> {
  const changed = [...addedLinesOf(diff)].filter(([path]) => MEASURABLE.test(path) && !isTestPath(path));
  if (changed.length === 0) return null;
  const { repo } = workspace.service;
  // Node reports the real path of a script. The sandbox shows the tree under both paths.
  const roots = [...new Set([repo, await realpath(repo), workspace.dir, await realpath(workspace.dir)])];
  const sources = new Map<string, string>();
  for (const [path] of changed) {
    const text = await workspace.read(path);
    for (const root of roots) sources.set(posix.join(root, path), text);
  }
  const byV8 = linesRun(v8, sources);
  const byLcov = await ownLcov(workspace);
  let covered = 0;
  let total = 0;
  for (const [path, added] of changed) {
    const lines = roots.map((root) => byV8.get(posix.join(root, path))).find((found) => found) ?? byLcov.get(path);
    const code = [...added].filter(([, text]) => isCode(text)).map(([line]) => line);
    if (code.length === 0) continue;
    if (lines === undefined) return null;
    const runnable = code.filter((line) => lines.seen.has(line));
    total += runnable.length;
    covered += runnable.filter((line) => lines.covered.has(line)).length;
  }
  return { covered, total };
}

/** The lcov file of the suite's own coverage tool. A file that the base tracks was not written by this run. */
async function ownLcov(workspace: Workspace): Promise<Map<string, LineCoverage>> {
  const tracked = new Set(await workspace.files());
  for (const name of LCOV) {
    const path = posix.join(posix.normalize(workspace.service.root), name);
    if (tracked.has(path)) continue;
    const bytes = await readPlain(workspace.dir, path).catch(() => null);
    if (bytes !== null) return readLcov(bytes.toString("utf8"), workspace);
  }
  return new Map();
}

function readLcov(text: string, workspace: Workspace): Map<string, LineCoverage> {
  const found = new Map<string, LineCoverage>();
  let lines: LineCoverage | undefined;
  for (const record of text.split("\n")) {
    if (record.startsWith("SF:")) {
      lines = { seen: new Set(), covered: new Set() };
      found.set(relativePath(record.slice(3).trim(), workspace), lines);
    }
    const data = /^DA:(\d+),(\d+)/.exec(record);
    if (data === null) continue;
    lines?.seen.add(Number(data[1]));
    if (Number(data[2]) > 0) lines?.covered.add(Number(data[1]));
  }
  return found;
}

function relativePath(path: string, { service, dir }: Workspace): string {
  const root = [service.repo, dir].find((r) => path.startsWith(`${r}/`));
  return root === undefined ? posix.join(posix.normalize(service.root), path) : path.slice(root.length + 1);
}
