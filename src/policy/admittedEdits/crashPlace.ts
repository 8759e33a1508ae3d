import type { SgNode } from "@ast-grep/napi";
import { same } from "../../syntax/scriptNodes.ts";
import { lineAt, type Source, type Span, spanOf } from "../../syntax/source.ts";
import type { AdmittedEdit, Dialect } from "./dialect.ts";

/** One frame of the exception inside the repository. Lines count from 1. */
export interface CrashFrame {
  file: string;
  line: number;
}

/** The statements at which the exception's frames stand, in one file. */
export interface CrashPlace {
  source: Source;
  spans: readonly Span[];
  /** Names that are read in these statements. */
  names: ReadonlySet<string>;
}

/** The statements of the frames in a file. Of a statement with a body, only its head. */
export function crashPlace(source: Source, frames: readonly CrashFrame[], dialect: Dialect): CrashPlace {
  const spans = frames
    .filter(({ file, line }) => file === source.path && line >= 1 && line <= source.lines.length)
    .map(({ line }) => statementAt(source, line, dialect));
  const texts = spans.map(({ start, end }) => source.text.slice(start, end));
  return { source, spans, names: new Set(texts.flatMap((text) => text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [])) };
}

function statementAt(source: Source, line: number, dialect: Dialect): Span {
  const start = source.lines[line - 1] ?? 0;
  const end = source.lines[line] ?? source.text.length;
  const text = source.text.slice(start, end);
  const from = start + (text.length - text.trimStart().length);
  const to = Math.max(from, start + text.trimEnd().length);
  const whole: Span = { start: from, end: to };
  const statement = innermost(source.root, whole, dialect);
  if (statement === null) return whole;
  const span = spanOf(statement);
  const body = firstList(statement, dialect, source, line);
  return body === null ? span : { start: span.start, end: Math.max(to, body.start) };
}

/** The innermost child of a list that the line touches. */
function innermost(node: SgNode, line: Span, dialect: Dialect): SgNode | null {
  for (const child of node.children()) {
    const span = spanOf(child);
    if (span.end <= line.start || span.start >= Math.max(line.end, line.start + 1)) continue;
    const deeper = span.start < line.start || span.end > line.end ? innermost(child, line, dialect) : null;
    if (deeper !== null) return deeper;
    if (dialect.isList(node) && child.isNamed() && !dialect.isComment(child)) return child;
  }
  return null;
}

/** The first list inside of a statement that begins on the line of the frame or after it. */
function firstList(statement: SgNode, dialect: Dialect, source: Source, line: number): Span | null {
  for (const child of statement.children()) {
    const span = spanOf(child);
    if (dialect.isList(child)) return lineAt(source, span.end) > line ? span : null;
    const inner = firstList(child, dialect, source, line);
    if (inner !== null) return inner;
  }
  return null;
}

const DECLARES = /declarator|parameter|pattern|assignment|binary_operator|named_expression/;

/**
 * Whether an edit is at the crash: inside one of its statements, right before one of them in the same block, or where a
 * name that they read is declared in the functions around them.
 */
export function isAtCrash(edit: AdmittedEdit, place: CrashPlace, dialect: Dialect): boolean {
  const inside = place.spans.some((span) => span.start <= edit.at && edit.at < span.end);
  if (inside) return true;
  if (edit.entry === "loopBound") return isInLoop(edit, place);
  if (edit.before === null) return precedesCrash(edit, place, dialect) || isClauseOfCrash(edit, place, dialect);
  const functions = dialect.functionsAround(edit.before).map(spanOf);
  const shared =
    place.spans.length === 0 ||
    functions.length === 0 ||
    functions.some((fn) => place.spans.some((span) => fn.start <= span.start && span.end <= fn.end));
  if (!shared) return false;
  for (const ancestor of [edit.before, ...edit.before.ancestors()]) {
    if (dialect.isList(ancestor)) return false;
    if (!DECLARES.test(String(ancestor.kind()))) continue;
    if (dialect.boundNames(ancestor).some((name) => place.names.has(name))) return true;
  }
  return false;
}

/** The loop whose bound changes contains the crash. */
function isInLoop(edit: AdmittedEdit, { spans }: CrashPlace): boolean {
  const loop = edit.before?.ancestors().find((a) => a.kind() === "for_statement");
  if (loop === undefined) return false;
  const around = spanOf(loop);
  return spans.some((span) => around.start <= span.start && span.end <= around.end);
}

/** An inserted statement precedes the crash in its own block. */
function precedesCrash(edit: AdmittedEdit, place: CrashPlace, dialect: Dialect): boolean {
  const around = innermostList(place.source.root, edit.at, dialect);
  return (
    around !== null &&
    place.spans.some((span) => edit.at <= span.start && span.end <= around.end && around.start <= span.start)
  );
}

/** An inserted clause belongs to the crashing function, or to the `case` that crashed. */
function isClauseOfCrash({ after, at }: AdmittedEdit, { source, spans }: CrashPlace, dialect: Dialect): boolean {
  if (after.kind() === "stab_clause") {
    const around = innermostList(source.root, at, dialect);
    return around !== null && spans.some((span) => span.start < around.start && around.start <= span.end);
  }
  const name = dialect.functionsAround(after).some((fn) => same(fn, after)) ? dialect.calledName(after) : null;
  const clauses = name === null ? [] : dialect.definitionsOf(source.root, name).map(spanOf);
  return clauses.some((clause) => spans.some((span) => clause.start <= span.start && span.end <= clause.end));
}

function innermostList(node: SgNode, at: number, dialect: Dialect): Span | null {
  for (const child of node.children()) {
    const span = spanOf(child);
    if (span.start > at || at >= span.end) continue;
    return innermostList(child, at, dialect) ?? (dialect.isList(node) ? spanOf(node) : null);
  }
  return dialect.isList(node) ? spanOf(node) : null;
}
