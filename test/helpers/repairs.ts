import { expect } from "vitest";
import type { Candidate, Place, Tree } from "../../src/repair/candidate.ts";
import { applyEdits } from "../../src/repair/edits.ts";
import { repairCandidates } from "../../src/repair/engine.ts";

/** A tree in memory. */
export function treeOf(files: Record<string, string>): Tree {
  return {
    files: async () => Object.keys(files),
    async read(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
  };
}

/** Where `¦` stands in a text (line and column from 1), and the text without it. */
export function marked(text: string): { text: string; line: number; column: number } {
  const at = text.indexOf("¦");
  if (at === -1) throw new Error("no ¦ in the text");
  const before = text.slice(0, at);
  return { text: text.replace("¦", ""), line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}

/** A crash in one file: `¦` marks where V8 points. */
export interface Crash {
  message: string;
  type?: string;
  code: string;
  file?: string;
  more?: Record<string, string>;
  callers?: Place[];
}

/** The candidates for a crash, with the text of the crashed file after each. */
export async function repairsOf(crash: Crash): Promise<(Candidate & { after: string })[]> {
  const file = crash.file ?? "src/app.js";
  const { text, line, column } = marked(crash.code);
  const files = { [file]: text, ...crash.more };
  const candidates = await repairCandidates({
    exception: { type: crash.type ?? "TypeError", value: crash.message },
    places: [{ file, line, column }, ...(crash.callers ?? [])],
    tree: treeOf(files),
  });
  return candidates.map((c) => ({
    ...c,
    after: applyEdits(
      text,
      c.edits.filter((e) => e.path === file),
    ),
  }));
}

/** Expects a candidate of a family that makes exactly this of the file, and returns it. */
export async function expectRepair(crash: Crash, template: string, after: string): Promise<Candidate> {
  const all = await repairsOf(crash);
  const found = all.filter((c) => c.template.startsWith(template));
  expect(found.map((c) => c.after)).toContain(after);
  const match = found.find((c) => c.after === after);
  if (match === undefined) throw new Error("unreachable");
  return match;
}
