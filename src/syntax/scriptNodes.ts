import type { SgNode } from "@ast-grep/napi";
import { type Source, type Span, spanOf } from "./source.ts";

const FUNCTIONS = [
  "function_declaration",
  "function_expression",
  "generator_function",
  "generator_function_declaration",
  "arrow_function",
  "method_definition",
];
const LOOPS = ["for_statement", "for_in_statement", "while_statement", "do_statement"];
/** Wrappers that do not change the value. */
const TRANSPARENT = ["parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression"];

export function isFunction(node: SgNode): boolean {
  return FUNCTIONS.includes(String(node.kind()));
}

export function isLoop(node: SgNode): boolean {
  return LOOPS.includes(String(node.kind()));
}

/** Whether both are the same node; false when either is null. */
export function same(a: SgNode | null, b: SgNode | null): boolean {
  return a !== null && b !== null && a.id() === b.id();
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The node without the parentheses and type assertions around it. */
export function bare(node: SgNode): SgNode {
  let inner = node;
  while (TRANSPARENT.includes(String(inner.kind()))) {
    const next = inner.namedChildren()[0];
    if (next === undefined) return inner;
    inner = next;
  }
  return inner;
}

/** The node with the parentheses and type assertions around it. */
export function dressed(node: SgNode): SgNode {
  let outer = node;
  for (;;) {
    const parent = outer.parent();
    if (parent === null || !TRANSPARENT.includes(String(parent.kind()))) return outer;
    // The parentheses of `if (…)` belong to the statement.
    if (/^(?:if|while|do|switch|with)_statement$/.test(String(parent.parent()?.kind() ?? ""))) return outer;
    outer = parent;
  }
}

export function isMember(node: SgNode): boolean {
  return node.kind() === "member_expression" || node.kind() === "subscript_expression";
}

/** The name that a member access reads: `b` of `a.b` and `a["b"]`; null when it is computed. */
export function memberName(node: SgNode): string | null {
  if (node.kind() === "member_expression") return node.field("property")?.text() ?? null;
  const index = node.field("index");
  if (index === null) return null;
  if (index.kind() === "string") return index.text().slice(1, -1);
  return index.kind() === "number" ? index.text() : null;
}

/** The whole chain of member accesses and calls that starts with the node: for `a.b` in `a.b.c().d`, all of it. */
export function chainOf(node: SgNode): SgNode {
  let top = node;
  for (;;) {
    const parent = top.parent();
    if (parent === null) return top;
    const goesOn =
      (isMember(parent) && same(parent.field("object"), top)) ||
      (parent.kind() === "call_expression" && same(parent.field("function"), top)) ||
      parent.kind() === "non_null_expression";
    if (!goesOn) return top;
    top = parent;
  }
}

/** The innermost statement around a node. For a statement, the node itself. */
export function statementOf(node: SgNode): SgNode | null {
  return [node, ...node.ancestors()].find((n) => isStatement(n)) ?? null;
}

/** Whether the node is a statement or a declaration of variables. Blocks and empty statements do not count. */
export function isStatement(node: SgNode): boolean {
  const kind = String(node.kind());
  if (kind === "statement_block" || kind === "empty_statement") return false;
  return /_statement$/.test(kind) || kind === "lexical_declaration" || kind === "variable_declaration";
}

/** Whether a statement is directly in a block, so that another statement can be inserted before it. */
export function isInBlock(statement: SgNode): boolean {
  const kind = String(statement.parent()?.kind() ?? "");
  return /^(?:statement_block|program|switch_case|switch_default|class_static_block)$/.test(kind);
}

/** The innermost function around a node; null at the top of the file. */
export function functionOf(node: SgNode): SgNode | null {
  return node.ancestors().find(isFunction) ?? null;
}

/** The innermost loop around a node, within the same function. */
export function loopOf(node: SgNode): SgNode | null {
  for (const ancestor of node.ancestors()) {
    if (isFunction(ancestor)) return null;
    if (isLoop(ancestor)) return ancestor;
  }
  return null;
}

/** The name under which a function can be called in its file: its declaration, method name, or assignment target. */
export function functionName(fn: SgNode): string | null {
  const own = fn.field("name")?.text();
  if (own !== undefined) return own;
  const parent = dressed(fn).parent();
  if (parent?.kind() === "variable_declarator") return parent.field("name")?.text() ?? null;
  if (parent?.kind() === "assignment_expression")
    return /[\w$]+$/.exec(parent.field("left")?.text() ?? "")?.[0] ?? null;
  if (parent?.kind() === "pair") return parent.field("key")?.text() ?? null;
  return null;
}

export interface Parameter {
  node: SgNode;
  /** The name or pattern, without default and type. */
  pattern: SgNode;
  defaultValue: SgNode | null;
}

/** The parameters of a function, in order, with their defaults taken apart. */
export function parametersOf(fn: SgNode): Parameter[] {
  const single = fn.field("parameter");
  if (single !== null) return [{ node: single, pattern: single, defaultValue: null }];
  const list = fn.field("parameters")?.namedChildren() ?? [];
  return list
    .filter((node) => node.kind() !== "comment")
    .map((node) => {
      if (node.kind() === "assignment_pattern") {
        return { node, pattern: node.field("left") ?? node, defaultValue: node.field("right") };
      }
      if (node.kind() === "required_parameter" || node.kind() === "optional_parameter") {
        return { node, pattern: node.field("pattern") ?? node, defaultValue: node.field("value") };
      }
      return { node, pattern: node, defaultValue: null };
    });
}

/** The arguments of a call, without comments. Empty for a tagged template. */
export function argumentsOf(call: SgNode): SgNode[] {
  const list = call.field("arguments");
  if (list === null || list.kind() !== "arguments") return [];
  return list.namedChildren().filter((n) => n.kind() !== "comment");
}

/** The operator of a binary, unary or assignment expression. */
export function operatorOf(node: SgNode): string {
  return node.field("operator")?.text() ?? "";
}

/** Whether the statement ends with return, continue or break. A throw does not count. */
export function exits(statement: SgNode | null): boolean {
  if (statement === null) return false;
  const kind = String(statement.kind());
  if (kind === "statement_block")
    return exits(
      statement
        .namedChildren()
        .filter((n) => n.kind() !== "comment")
        .at(-1) ?? null,
    );
  return kind === "return_statement" || kind === "continue_statement" || kind === "break_statement";
}

/** Whether evaluating the expression a second time could be costly or change state. */
export function hasEffects(node: SgNode): boolean {
  return (
    [node, ...node.findAll({ rule: { any: [{ kind: "call_expression" }, { kind: "new_expression" }] } })].some((n) =>
      /^(?:call|new|await|yield|update|assignment|augmented_assignment)_expression$/.test(String(n.kind())),
    ) ||
    node.has({
      rule: { any: [{ kind: "await_expression" }, { kind: "update_expression" }, { kind: "assignment_expression" }] },
    })
  );
}

/** All descendants of the given kinds, in text order. */
export function findKinds(node: SgNode, ...kinds: string[]): SgNode[] {
  return node.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } });
}

/** The innermost node that covers the offset. */
export function nodeAt(source: Source, offset: number): SgNode {
  let node = source.root;
  for (;;) {
    const child = node.children().find((c) => {
      const span = spanOf(c);
      return span.start <= offset && offset < span.end;
    });
    if (child === undefined) return node;
    node = child;
  }
}

/** The last name of an access: `type` of `node.type` and of `type`; "" for anything else. */
export function lastNameOf(node: SgNode): string {
  const inner = bare(node);
  if (isMember(inner)) return memberName(inner) ?? "";
  return inner.kind() === "identifier" ? inner.text() : "";
}
