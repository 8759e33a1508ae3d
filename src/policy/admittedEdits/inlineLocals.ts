import type { SgNode } from "@ast-grep/napi";
import { parseAny } from "../../syntax/grammars.ts";
import { same } from "../../syntax/scriptNodes.ts";
import { faultsIn, type Source, spanOf } from "../../syntax/source.ts";
import type { Dialect } from "./dialect.ts";

/** More new variables are not the repair of a crash. */
const MAX_LOCALS = 4;

/**
 * The file after the change without new variables that only give a name to what is read anyway:
 * `const a = u.address; return a?.city;` is read as `return u.address?.city;`. A variable is put in place of its reads
 * only if that changes nothing: every mention of it in the function is a read after the declaration, its value is a
 * chain of reads without calls, nothing happens between the declaration and the reads, and no function reads it later.
 */
export function inlineLocals(after: Source, dialect: Dialect): Source {
  let source = after;
  for (let count = 0; count < MAX_LOCALS; count += 1) {
    const text = withoutLocal(source, dialect);
    const parsed = text === null ? null : parseAny(source.path, text);
    if (parsed === null || faultsIn(parsed.root) > 0) return source;
    source = parsed;
  }
  return source;
}

function withoutLocal({ root, text }: Source, dialect: Dialect): string | null {
  for (const list of lists(root, dialect)) {
    const statements = list.children().filter((child) => child.isNamed() && !dialect.isComment(child));
    for (const [index, statement] of statements.entries()) {
      const local = dialect.localOf(statement);
      if (local === null) continue;
      const scope = scopeOf(statement, list, dialect);
      const reads = readsInPlace(local.name, { scope, dialect, statement, following: statements.slice(index + 1) });
      if (reads === null || isWrittenTo(local.value, reads.passed)) continue;
      const { start, end } = spanOf(statement);
      const edits = [
        { start, end, text: "" },
        ...reads.nodes.map((node) => ({ ...spanOf(node), text: dressed(local.value) })),
      ];
      return edits
        .sort((a, b) => b.start - a.start)
        .reduce((whole, edit) => whole.slice(0, edit.start) + edit.text + whole.slice(edit.end), text);
    }
  }
  return null;
}

/** The body of the function around a statement; the file at its top. */
function scopeOf(statement: SgNode, list: SgNode, dialect: Dialect): SgNode {
  const [fn] = dialect.functionsAround(statement);
  const around = statement.ancestors();
  const own =
    fn === undefined
      ? around
      : around.slice(
          0,
          around.findIndex((ancestor) => same(ancestor, fn)),
        );
  return own.findLast((ancestor) => dialect.isList(ancestor)) ?? list;
}

function lists(node: SgNode, dialect: Dialect): SgNode[] {
  return [...(dialect.isList(node) ? [node] : []), ...node.children().flatMap((child) => lists(child, dialect))];
}

/** The reads of a name, and the statements up to the last of them; null: one of them is more than a read in its place. */
function readsInPlace(
  name: SgNode,
  {
    scope,
    dialect,
    statement,
    following,
  }: { scope: SgNode; dialect: Dialect; statement: SgNode; following: readonly SgNode[] },
): { nodes: SgNode[]; passed: readonly SgNode[] } | null {
  const mentions = leaves(scope).filter(
    (leaf) => leaf.text() === name.text() && !same(leaf, name) && !dialect.isLabel(leaf),
  );
  const nodes = mentions.filter((leaf) => leaf.kind() === "identifier" && dialect.isRead(leaf));
  const last = following.findLastIndex((one) => nodes.some((node) => isWithin(node, one)));
  const passed = following.slice(0, last + 1);
  const around = dialect.functionsAround(statement).length;
  const inPlace = nodes.every(
    (node) => passed.some((one) => isWithin(node, one)) && dialect.functionsAround(node).length === around,
  );
  if (nodes.length === 0 || nodes.length !== mentions.length || !inPlace) return null;
  const isQuiet = passed.every((one, index) =>
    dialect
      .effectsIn(one)
      .every((effect) => index === last && lists(one, dialect).length === 0 && nodes.every((n) => isWithin(n, effect))),
  );
  return isQuiet ? { nodes, passed } : null;
}

function leaves(node: SgNode): SgNode[] {
  const children = node.children();
  return children.length === 0 ? [node] : children.flatMap(leaves);
}

function isWithin(node: SgNode, outer: SgNode): boolean {
  return same(node, outer) || node.ancestors().some((a) => same(a, outer));
}

/** Whether a statement may give another value to what the chain is read from. */
function isWrittenTo(value: SgNode, statements: readonly SgNode[]): boolean {
  const root = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(value.text())?.[0] ?? "";
  const written = new RegExp(
    `(?<![\\p{L}\\p{N}_$.])${root.replaceAll("$", "\\$")}(?:[?.\\w$[\\]"']*)\\s*(?:[-+*/%&|?^]*=(?![=>~])|\\+\\+|--|<-)|\\b(?:for|del|delete|with|as)\\b[^;\\n]*\\b${root.replaceAll("$", "\\$")}\\b`,
    "u",
  );
  return root === "" || statements.some((one) => written.test(one.text()));
}

/** An optional chain ends where the variable was read. */
function dressed(value: SgNode): string {
  return value.text().includes("?") ? `(${value.text()})` : value.text();
}
