import { parse, type SgNode } from "@ast-grep/napi";
import { scriptLanguageOf } from "../domain/scriptLanguage.ts";

/** A parsed file. All offsets are UTF-16 positions in `text`. */
export interface Source {
  path: string;
  text: string;
  root: SgNode;
  /** Offset of the first character of each line. */
  lines: readonly number[];
}

/** Range of offsets: `start` inclusive, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** Files longer than this are bundles or data; parsing and re-parsing them costs more than a repair there is worth. */
const MAX_LENGTH = 1_500_000;

/** Whether the file is JavaScript or TypeScript. Declaration files (`.d.ts`) do not count. */
export function isScript(path: string): boolean {
  return scriptLanguageOf(path) !== undefined && !path.endsWith(".d.ts");
}

/**
 * Parses a JavaScript or TypeScript file; null for other languages and for files over the size limit. A `.js` file with
 * type annotations (Flow) is parsed as TSX if that gives fewer syntax errors.
 */
export function parseSource(path: string, text: string): Source | null {
  const language = scriptLanguageOf(path);
  if (language === undefined || text.length > MAX_LENGTH) return null;
  let root = parse(language, text).root();
  if (language === "JavaScript" && faultsIn(root) > 0) {
    const typed = parse("Tsx", text).root();
    if (faultsIn(typed) < faultsIn(root)) root = typed;
  }
  return { path, text, root, lines: lineStarts(text) };
}

/** How many syntax errors the parser skipped: error nodes and empty nodes. */
export function faultsIn(root: SgNode): number {
  return root.findAll({ rule: { kind: "ERROR" } }).length + root.findAll({ rule: { regex: "^$" } }).length;
}

/** The offsets of a node. */
export function spanOf(node: SgNode): Span {
  const range = node.range();
  return { start: range.start.index, end: range.end.index };
}

/** Offset of a line and column, both from 1. Without a column: the line's first character. */
export function offsetAt(source: Source, line: number, column: number | undefined): number {
  const start = source.lines[Math.min(line, source.lines.length) - 1] ?? 0;
  return Math.min(start + Math.max(0, (column ?? 1) - 1), source.text.length);
}

/** Line (from 1) of an offset. */
export function lineAt(source: Source, offset: number): number {
  let low = 0;
  let high = source.lines.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((source.lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** The white space at the start of the offset's line. */
export function indentAt(source: Source, offset: number): string {
  const start = source.lines[lineAt(source, offset) - 1] ?? 0;
  return /^[ \t]*/.exec(source.text.slice(start, start + 200))?.[0] ?? "";
}

/** Offset of the first character of each line. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
