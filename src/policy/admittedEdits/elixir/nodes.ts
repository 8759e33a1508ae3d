import type { SgNode } from "@ast-grep/napi";
import { findKinds, same } from "../../../syntax/scriptNodes.ts";

const DEFINES = /^(?:def|defp|defmacro|defmacrop)$/;

/** The named children without comments. */
export function parts(node: SgNode): SgNode[] {
  return node.namedChildren().filter((child) => child.kind() !== "comment");
}

/** The node without the parentheses around it. */
export function bare(node: SgNode): SgNode {
  let inner = node;
  while (inner.kind() === "block") {
    const [only, more] = parts(inner);
    if (only === undefined || more !== undefined) return inner;
    inner = only;
  }
  return inner;
}

/** What a call calls: `if`, `Map.get`, `user.name`. */
export function calleeOf(call: SgNode): string {
  return call.kind() === "call" ? (parts(call)[0]?.text() ?? "").replace(/\s+/g, "") : "";
}

/** The arguments of a call, keywords as one. */
export function argumentsOf(call: SgNode): SgNode[] {
  const list = parts(call).find((child) => child.kind() === "arguments");
  return list === undefined ? [] : parts(list);
}

/** `user.name` without arguments: a field of a map or struct. */
export function fieldOf(node: SgNode): { object: SgNode; key: string } | null {
  if (node.kind() !== "call") return null;
  const [dot, more] = parts(node);
  if (dot?.kind() !== "dot" || more !== undefined || node.text().endsWith(")")) return null;
  const [object, key] = parts(dot);
  return object === undefined || key === undefined || object.kind() === "alias" ? null : { object, key: key.text() };
}

/** `f.key` as the atom `:key`. */
export function atomOf(node: SgNode): string | null {
  return /^:[a-z_]\w*[?!]?$/.test(node.text()) ? node.text().slice(1) : null;
}

export function isDefinition(node: SgNode): boolean {
  return node.kind() === "call" && DEFINES.test(calleeOf(node));
}

export function isFunction(node: SgNode): boolean {
  return isDefinition(node) || node.kind() === "anonymous_function";
}

/** Name, arity and arguments of a definition's head. */
export function headOf(definition: SgNode): { name: string; args: SgNode[] } | null {
  const [first] = argumentsOf(definition);
  const head = first?.kind() === "binary_operator" && operatorOf(first) === "when" ? parts(first)[0] : first;
  if (head === undefined) return null;
  if (head.kind() === "identifier") return { name: head.text(), args: [] };
  return head.kind() === "call" ? { name: calleeOf(head), args: argumentsOf(head) } : null;
}

/** The body of a definition: the value of `do:`, or the last expression of its block. */
export function bodyOf(definition: SgNode): SgNode | null {
  const block = parts(definition).find((child) => child.kind() === "do_block");
  if (block !== undefined) return block;
  const keywords = argumentsOf(definition).find((child) => child.kind() === "keywords");
  return keywords === undefined ? null : (keywordValue(keywords, "do") ?? null);
}

/** The value of a keyword, such as `do:`. */
export function keywordValue(keywords: SgNode, name: string): SgNode | undefined {
  const pair = parts(keywords).find((one) => parts(one)[0]?.text().trim() === `${name}:`);
  return pair === undefined ? undefined : parts(pair)[1];
}

export function operatorOf(node: SgNode): string {
  return (
    node.field("operator")?.text() ??
    node
      .children()
      .find((child) => !child.isNamed())
      ?.text() ??
    ""
  );
}

/** Whether an expression is an empty value: `nil`, `""`, `0`, `[]`, `%{}`. */
export function isEmptyValue(node: SgNode): boolean {
  return /^(?:nil|0|0\.0|""|\[\s*\]|%\{\s*\})$/.test(bare(node).text());
}

/** A name, or fields and keys read from it. */
export function isPlainChain(node: SgNode): boolean {
  if (node.kind() === "identifier") return true;
  const field = fieldOf(node);
  if (field !== null) return isPlainChain(bare(field.object));
  const [object, key] = parts(node);
  return (
    node.kind() === "access_call" &&
    object !== undefined &&
    key !== undefined &&
    isPlainChain(bare(object)) &&
    /^[:"]/.test(key.text())
  );
}

/** Whether every subject is read in one of the nodes too. */
export function areRead(subjects: readonly SgNode[], nodes: readonly SgNode[]): boolean {
  const read = new Set(
    nodes.flatMap((node) => [node, ...findKinds(node, "identifier", "call", "access_call")]).map(plainText),
  );
  return subjects.every((subject) => read.has(plainText(subject)));
}

/** Two spellings of one field are the same: `u.a` and `u[:a]`. */
export function plainText(node: SgNode): string {
  return node
    .text()
    .replace(/\s+/g, "")
    .replace(/\[:(\w+)\]/g, ".$1");
}

/** Reads of names in the definition around a node (the whole file at its top). */
export function readsOf(node: SgNode, names: readonly string[]): SgNode[] {
  const scope = node.ancestors().find(isDefinition) ?? node.ancestors().at(-1) ?? node;
  return findKinds(scope, "identifier").filter((found) => names.includes(found.text()) && !isBinder(found));
}

function isBinder(name: SgNode): boolean {
  for (const ancestor of name.ancestors()) {
    const parent = ancestor.parent();
    if (ancestor.kind() === "stab_clause" || ancestor.kind() === "do_block") return false;
    if (parent !== null && isDefinition(parent) && ancestor.kind() === "arguments") return true;
    if (ancestor.kind() === "binary_operator" && operatorOf(ancestor) === "=") {
      const [left] = parts(ancestor);
      if (left !== undefined && (same(left, name) || name.ancestors().some((a) => same(a, left)))) return true;
    }
    if (ancestor.kind() === "arguments" && parent?.kind() === "stab_clause") return true;
  }
  return false;
}
