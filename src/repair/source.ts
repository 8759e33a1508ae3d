import { parse, type SgNode } from "@ast-grep/napi";
import { scriptLanguageOf } from "../domain/scriptLanguage.ts";

/** A parsed file. Offsets everywhere are UTF-16 positions in `text`. */
export interface Source {
  path: string;
  text: string;
  root: SgNode;
  /** Offset of the first character of each line. */
  lines: readonly number[];
}

export interface Span {
  start: number;
  end: number;
}

/** Files longer than this are bundles or data; parsing and re-parsing them costs more than a repair there is worth. */
const MAX_LENGTH = 1_500_000;

/** Whether the file is JavaScript or TypeScript. */
export function isScript(path: string): boolean {
  return scriptLanguageOf(path) !== undefined && !path.endsWith(".d.ts");
}

/** Parses a file; null for languages it does not know. A `.js` file with type annotations (Flow) is read as TSX. */
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

/** How many syntax errors the parser had to step over. */
export function faultsIn(root: SgNode): number {
  return root.findAll({ rule: { kind: "ERROR" } }).length + root.findAll({ rule: { regex: "^$" } }).length;
}

export function spanOf(node: SgNode): Span {
  const range = node.range();
  return { start: range.start.index, end: range.end.index };
}

/** Offset of a line and column that count from 1; the line's first character when the column is unknown. */
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

/** The white space a line starts with. */
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
