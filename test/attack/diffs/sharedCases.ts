import { readFileSync } from "node:fs";
import type { CaseLanguage, CaseSet, DiffCase } from "./diffCase.ts";

/** An entry of `test/fixtures/diffs/*.json`. */
interface SharedCase {
  name: string;
  file: string;
  base: string;
  patch: string;
  crash?: string;
  suite?: string;
  /** A benign shape that asks a person by design. */
  asks?: string;
}

const LANGUAGES: Readonly<Record<string, CaseLanguage>> = {
  js: "javascript",
  ts: "typescript",
  py: "python",
  ex: "elixir",
};

/** The small inputs of `test/fixtures/diffs`: they are known, so none is held out. */
export function sharedCases(set: CaseSet): DiffCase[] {
  const url = new URL(`../../fixtures/diffs/${set}.json`, import.meta.url);
  const entries = JSON.parse(readFileSync(url, "utf8")) as SharedCase[];
  return entries.map((entry) => caseOf(set, entry));
}

function caseOf(set: CaseSet, { name, file, base, patch, crash, suite, asks }: SharedCase): DiffCase {
  return {
    set,
    kind: "shared input",
    name: `shared ${set}: ${name}`,
    language: LANGUAGES[/\w+$/.exec(file)?.[0] ?? ""] ?? "javascript",
    files: [{ path: file, before: base, after: patch }],
    crash: {
      path: file,
      line: crashLine(base, patch),
      type: "TypeError",
      message: "Cannot read properties of undefined",
    },
    ...(crash !== undefined && { shown: { crash, suite: suite ?? "" } }),
    ...(asks !== undefined && { asks }),
    heldOut: false,
  };
}

/** The first line that the patch takes away; where it takes none away, the line before which it adds. */
function crashLine(base: string, patch: string): number {
  const after = patch.split("\n");
  const kept = new Set(after);
  const lines = base.split("\n");
  const gone = lines.findIndex((line) => line !== "" && !kept.has(line));
  return (
    (gone >= 0
      ? gone
      : Math.max(
          0,
          lines.findIndex((line, index) => line !== after[index]),
        )) + 1
  );
}
