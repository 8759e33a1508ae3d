import { parseJson } from "./json.ts";
import { parseJunit } from "./junit.ts";
import { parseNodeSpec } from "./nodeSpec.ts";
import { parseTap } from "./tap.ts";
import type { TestReport, ToRelative } from "./testReport.ts";

interface SuiteOutput {
  /** The report files that the runner was asked to write, by name. */
  files: Readonly<Record<string, string>>;
  /** The runner's output, without terminal escapes. */
  printed: string;
  /** Paths of the tree as the runner saw it. File paths below them become relative. */
  roots: readonly string[];
}

/**
 * The report of a suite's run: from the requested report file, or else from the output. One that names no test is returned
 * only where none names one; null when neither is a report.
 */
export function readReport({ files, printed, roots }: SuiteOutput): TestReport | null {
  const toRelative = relativeTo(roots);
  const written = Object.entries(files)
    .filter(([name]) => /^report[^/]*\.(?:json|xml)$/.test(name))
    .map(([name, text]) => (name.endsWith(".xml") ? parseJunit(text) : parseJson(text, toRelative)));
  const found = [
    ...written,
    parseTap(printed, toRelative),
    parseNodeSpec(printed),
    parseJson(printed, toRelative),
    parseJunit(printed),
  ].filter((report) => report !== null);
  return found.find((report) => report.tests.length > 0) ?? found[0] ?? null;
}

function relativeTo(roots: readonly string[]): ToRelative {
  const prefixes = roots.map((root) => `${root.replace(/\/+$/, "")}/`);
  return (path) => {
    const plain = path.replace(/^file:\/\//, "").replaceAll("\\", "/");
    const prefix = prefixes.find((p) => plain.startsWith(p));
    return prefix === undefined ? plain : plain.slice(prefix.length);
  };
}
