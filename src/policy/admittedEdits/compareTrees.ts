import type { SgNode } from "@ast-grep/napi";
import { same } from "../../syntax/scriptNodes.ts";
import { spanOf } from "../../syntax/source.ts";
import type { AdmittedEdit, Dialect } from "./dialect.ts";

/** The outcome of a comparison: the edits that explain every difference, or the first difference that none explains. */
export type Comparison = { kind: "explained"; edits: AdmittedEdit[] } | { kind: "unexplained"; difference: Difference };

/** A difference that is no admitted edit. One of the two is null for code that was added or removed. */
export interface Difference {
  before: SgNode | null;
  after: SgNode | null;
}

const NOTHING: Comparison = { kind: "explained", edits: [] };

/**
 * Compares two syntax trees of one file. Every difference must be explained by an admitted form of the dialect;
 * comments and the layout between tokens do not count. Default-deny: what no form explains is `unexplained`. Both trees
 * must be free of new syntax errors; the caller checks that.
 */
export function compareTrees(before: SgNode, after: SgNode, dialect: Dialect): Comparison {
  if (isSame(before, after)) return NOTHING;
  const byForm = explainByForm(before, after, dialect);
  if (byForm !== null) return byForm;
  const unexplained: Comparison = { kind: "unexplained", difference: { before, after } };
  if (before.kind() !== after.kind()) return unexplained;
  const old = partsOf(before, dialect);
  const now = partsOf(after, dialect);
  if (old.length === 0 || now.length === 0 || betweenParts(before, old, dialect) !== betweenParts(after, now, dialect))
    return unexplained;
  if (dialect.isList(before)) return compareLists(old, now, dialect);
  if (old.length !== now.length) return unexplained;
  return all(
    old.map((part, i) => [part, now[i] ?? part] as const),
    dialect,
  );
}

function isSame(before: SgNode, after: SgNode): boolean {
  return before.kind() === after.kind() && before.text() === after.text();
}

/** The first form that explains the pair, all its inner pairs included. */
function explainByForm(before: SgNode, after: SgNode, dialect: Dialect): Comparison | null {
  for (const form of dialect.forms) {
    const match = form(before, after);
    if (match === null) continue;
    const inner = all(match.pairs, dialect);
    if (inner.kind === "unexplained") continue;
    const { entry, effect } = match;
    return {
      kind: "explained",
      edits: [...inner.edits, { entry, effect, before, after, at: spanOf(before).start }],
    };
  }
  return null;
}

function all(pairs: readonly (readonly [SgNode, SgNode])[], dialect: Dialect): Comparison {
  const edits: AdmittedEdit[] = [];
  for (const [before, after] of pairs) {
    const compared = compareTrees(before, after, dialect);
    if (compared.kind === "unexplained") return compared;
    edits.push(...compared.edits);
  }
  return { kind: "explained", edits };
}

/** The children without comments. */
function partsOf(node: SgNode, dialect: Dialect): SgNode[] {
  return node.children().filter((child) => !dialect.isComment(child));
}

/** The text of a node that belongs to none of its children. Outside of texts, spaces do not count. */
function betweenParts(node: SgNode, parts: readonly SgNode[], dialect: Dialect): string {
  const { start, end } = spanOf(node);
  const text = node.text();
  let at = start;
  let between = "";
  const skipped = node.children().filter((child) => dialect.isComment(child));
  for (const part of [...parts, ...skipped].sort((a, b) => spanOf(a).start - spanOf(b).start)) {
    between += `${text.slice(at - start, spanOf(part).start - start)}\0`;
    at = Math.max(at, spanOf(part).end);
  }
  between += text.slice(at - start, end - start);
  if (dialect.isText(node)) return between;
  // Comments leave their mark between the parts; only what is no space counts.
  return between.replace(/[\s\0]/g, "");
}

/**
 * Compares statements in a row. Equal statements are matched first; between them stand changed pairs and insertions.
 * A statement that is gone is never explained.
 */
function compareLists(old: readonly SgNode[], now: readonly SgNode[], dialect: Dialect): Comparison {
  const edits: AdmittedEdit[] = [];
  for (const run of differingRuns(old, now)) {
    const compared = compareRun(run, now, dialect);
    if (compared.kind === "unexplained") return compared;
    edits.push(...compared.edits);
  }
  return { kind: "explained", edits };
}

interface Run {
  old: readonly SgNode[];
  now: readonly SgNode[];
  /** The statement before the change that follows the run; null at the end. */
  next: SgNode | null;
  /** The last statement before the change; null: there is none. */
  last: SgNode | null;
}

function compareRun(run: Run, siblings: readonly SgNode[], dialect: Dialect): Comparison {
  if (run.old.length > run.now.length) {
    const gone = run.old.find((one) => !run.now.some((other) => isSame(one, other))) ?? run.old[0] ?? null;
    return { kind: "unexplained", difference: { before: gone, after: null } };
  }
  const edits: AdmittedEdit[] = [];
  let at = 0;
  let firstFailure: Comparison | null = null;
  for (const after of run.now) {
    const before = run.old[at];
    const left = run.now.length - run.now.indexOf(after);
    const compared: Comparison | null = before === undefined ? null : compareTrees(before, after, dialect);
    if (compared?.kind === "explained") {
      edits.push(...compared.edits);
      at += 1;
      continue;
    }
    firstFailure ??= compared;
    if (left > run.old.length - at && dialect.isDocumentation(after)) continue;
    const inserted =
      left > run.old.length - at
        ? insertedEdit(after, { next: run.old[at] ?? run.next, last: run.last }, siblings, dialect)
        : null;
    if (inserted === null) return firstFailure ?? { kind: "unexplained", difference: { before: null, after } };
    edits.push(inserted);
  }
  return at === run.old.length
    ? { kind: "explained", edits }
    : (firstFailure ?? { kind: "unexplained", difference: { before: run.old[at] ?? null, after: null } });
}

function insertedEdit(
  statement: SgNode,
  { next, last }: { next: SgNode | null; last: SgNode | null },
  siblings: readonly SgNode[],
  dialect: Dialect,
): AdmittedEdit | null {
  const place = siblings.findIndex((one) => same(one, statement));
  const [preceding, following] = [siblings.slice(0, place), siblings.slice(place + 1)];
  const match = dialect.insertion(statement, following, preceding);
  const at = next ?? last;
  return match === null || at === null ? null : { ...match, before: null, after: statement, at: spanOf(at).start };
}

/** The runs of statements that differ, between those that a longest common subsequence matches. */
function differingRuns(old: readonly SgNode[], now: readonly SgNode[]): Run[] {
  const key = (node: SgNode) => `${node.kind()} ${node.text()}`;
  const a = old.map(key);
  const b = now.map(key);
  const start = a.findIndex((text, i) => text !== b[i]);
  const head = start === -1 ? a.length : start;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const oldRun = old.slice(head, old.length - tail);
  const nowRun = now.slice(head, now.length - tail);
  const next = old[old.length - tail] ?? null;
  const last = old.findLast((node) => node.isNamed()) ?? null;
  if (oldRun.length * nowRun.length > MAX_ALIGNED) return [{ old: oldRun, now: nowRun, next, last }];
  return aligned(oldRun, nowRun, { next, last }, key);
}

/** Longer runs are compared as one: a patch of that size is no repair of a crash. */
const MAX_ALIGNED = 250_000;

function aligned(
  old: readonly SgNode[],
  now: readonly SgNode[],
  { next: end, last }: Pick<Run, "next" | "last">,
  key: (node: SgNode) => string,
): Run[] {
  const common = commonLengths(old.map(key), now.map(key));
  const runs: Run[] = [];
  let from = { old: 0, now: 0 };
  let i = 0;
  let j = 0;
  const close = (next: SgNode | null) => {
    if (i > from.old || j > from.now)
      runs.push({ old: old.slice(from.old, i), now: now.slice(from.now, j), next, last });
  };
  while (i < old.length && j < now.length) {
    const [one, other] = [old[i], now[j]];
    if (one !== undefined && other !== undefined && key(one) === key(other)) {
      close(one);
      i += 1;
      j += 1;
      from = { old: i, now: j };
    } else if ((common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  i = old.length;
  j = now.length;
  close(end);
  return runs;
}

/** Lengths of the longest common subsequences of all suffixes. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] = a[i] === b[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
