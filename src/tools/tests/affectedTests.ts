import { posix } from "node:path";
import { isTestPath } from "./testCommand.ts";

/** Which file imports which, within the repository: each file mapped to the files it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const SOURCE = /\.[cm]?[jt]sx?$/;
const TEST_FILE = /\.(?:[cm]?[jt]sx?|py)$/;
const IMPORT = /(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s*\(\s*|\bimport\s+)(["'])(\.[^"'\n]*)\1/g;
const ENDINGS = [
  "",
  ".js",
  ".ts",
  ".tsx",
  ".jsx",
  ".mjs",
  ".cjs",
  ".mts",
  ".cts",
  "/index.js",
  "/index.ts",
  "/index.mjs",
];

/**
 * The relative imports of the JavaScript and TypeScript files among `files`. `read` gives null for a file that cannot
 * be read.
 */
export async function importGraph(
  files: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<ImportGraph> {
  const known = new Set(files);
  const graph = new Map<string, string[]>();
  for (const file of files.filter((path) => SOURCE.test(path))) {
    const text = (await read(file)) ?? "";
    const targets = [...text.matchAll(IMPORT)].map((match) => resolve(posix.dirname(file), match[2] ?? "", known));
    graph.set(file, [...new Set(targets.filter((target) => target !== null))]);
  }
  return graph;
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | null {
  const path = posix.join(from, specifier).replace(/\/$/, "");
  // TypeScript ES modules import the name of the built file: `./a.js` is a.ts.
  const bare = path.replace(/\.([cm]?)jsx?$/, "");
  const candidates = [...ENDINGS.map((ending) => path + ending), ...[".ts", ".tsx", ".mts"].map((end) => bare + end)];
  return candidates.map((one) => (one.startsWith("./") ? one.slice(2) : one)).find((one) => known.has(one)) ?? null;
}

/**
 * The test files most likely affected by a change of `changed`, at most `limit`, nearest first. Tests named after a
 * changed file come first, then tests that import one, directly or through other files.
 */
export function affectedTests(
  files: readonly string[],
  changed: readonly string[],
  graph: ImportGraph,
  limit: number,
): string[] {
  const distance = distances(changed, graph);
  const stems = new Set(changed.map(stemOf));
  const scored = files
    .filter((file) => isTestFile(file))
    .map((file) => ({ file, near: stems.has(stemOf(file)), far: distance.get(file) ?? Number.POSITIVE_INFINITY }))
    .filter(({ near, far }) => near || Number.isFinite(far));
  scored.sort((a, b) => Number(b.near) - Number(a.near) || a.far - b.far || (a.file < b.file ? -1 : 1));
  return scored.slice(0, limit).map(({ file }) => file);
}

/** The number of imports from each file to a changed one (breadth-first search). */
function distances(changed: readonly string[], graph: ImportGraph): Map<string, number> {
  const importers = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    for (const target of targets) importers.set(target, [...(importers.get(target) ?? []), file]);
  }
  const distance = new Map(changed.map((file) => [file, 0]));
  const queue = [...changed];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const importer of importers.get(file) ?? []) {
      if (distance.has(importer)) continue;
      distance.set(importer, (distance.get(file) ?? 0) + 1);
      queue.push(importer);
    }
  }
  return distance;
}

/** Whether the file contains tests, not only fixtures, helpers or configuration for tests. */
function isTestFile(path: string): boolean {
  if (!isTestPath(path) || !TEST_FILE.test(path)) return false;
  const name = posix.basename(path);
  return (
    !/(?:fixtures?|helpers?|support|__mocks__|__snapshots__)\//.test(path) &&
    !/^(?:conftest\.py|index\.[cm]?[jt]s|setup\b.*)$/.test(name) &&
    !/\.(?:config|setup|d)\.[cm]?[jt]s$/.test(name)
  );
}

/** The common name of a file and its tests: `cart` for `src/cart.ts`, `test/cart.test.js`, `tests/test_cart.py`. */
function stemOf(path: string): string {
  const name = posix.basename(path).replace(/\.\w+$/, "");
  return name
    .replace(/[._-](?:test|tests|spec)$/, "")
    .replace(/^test_/, "")
    .toLowerCase();
}
