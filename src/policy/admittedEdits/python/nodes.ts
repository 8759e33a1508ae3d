import type { SgNode } from "@ast-grep/napi";
import { findKinds, same } from "../../../syntax/scriptNodes.ts";

/** The node without the parentheses around it. */
export function bare(node: SgNode): SgNode {
  let inner = node;
  while (inner.kind() === "parenthesized_expression") {
    const next = inner.namedChildren().find((child) => child.kind() !== "comment");
    if (next === undefined) return inner;
    inner = next;
  }
  return inner;
}

/** The named children without comments. */
export function parts(node: SgNode): SgNode[] {
  return node.namedChildren().filter((child) => child.kind() !== "comment");
}

export function isFunction(node: SgNode): boolean {
  return node.kind() === "function_definition" || node.kind() === "lambda";
}

export function functionOf(node: SgNode): SgNode | null {
  return node.ancestors().find(isFunction) ?? null;
}

/** The name of a function: of its definition, or of the variable that a lambda is given. */
export function functionName(fn: SgNode): string | null {
  const own = fn.field("name")?.text();
  if (own !== undefined) return own;
  const parent = fn.parent();
  return parent?.kind() === "assignment" ? (parent.field("left")?.text() ?? null) : null;
}

/** The arguments of a call, without comments. */
export function argumentsOf(call: SgNode): SgNode[] {
  const list = call.field("arguments");
  return list === null || list.kind() !== "argument_list" ? [] : parts(list);
}

/** The name of a callee: `json.loads`, `x.strip`. */
export function calleeName(call: SgNode): string {
  return (call.field("function")?.text() ?? "").replace(/\s+/g, "");
}

/** Whether an expression is an empty value: `None`, `""`, `0`, `[]`, `{}`, `()`, `set()`. */
export function isEmptyValue(node: SgNode): boolean {
  return /^(?:None|0|0\.0|""|''|\[\s*\]|\{\s*\}|\(\s*\)|set\(\)|dict\(\)|list\(\)|tuple\(\))$/.test(bare(node).text());
}

/** A name, or names and items read from it, without calls. */
export function isPlainChain(node: SgNode): boolean {
  const kind = String(node.kind());
  if (kind === "identifier") return true;
  if (kind === "attribute") return isPlainChain(bare(node.field("object") ?? parts(node)[0] ?? node));
  if (kind !== "subscript") return false;
  const [value, index, more] = parts(node);
  return (
    value !== undefined &&
    index !== undefined &&
    more === undefined &&
    isPlainChain(bare(value)) &&
    /^(?:string|integer|identifier|attribute)$/.test(String(index.kind())) &&
    !index.has({ rule: { kind: "interpolation" } })
  );
}

export function plainText(node: SgNode): string {
  return node.text().replace(/\s+/g, "").replace(/'/g, '"');
}

/** Whether every subject is read in one of the nodes too. */
export function areRead(subjects: readonly SgNode[], nodes: readonly SgNode[]): boolean {
  const read = new Set(
    nodes.flatMap((node) => [node, ...findKinds(node, "identifier", "attribute", "subscript")]).map(plainText),
  );
  return subjects.every((subject) => read.has(plainText(subject)));
}

/** Whether a file binds a name: assigns, defines or imports it. */
export function isBound(node: SgNode, name: string): boolean {
  const root = node.ancestors().at(-1) ?? node;
  return findKinds(root, "identifier").some((found) => found.text() === name && isBinder(found));
}

/** Whether an identifier gives a name instead of reading one. */
export function isBinder(name: SgNode): boolean {
  const parent = name.parent();
  const kind = String(parent?.kind() ?? "");
  if (
    /^(?:function_definition|class_definition|default_parameter|typed_default_parameter|keyword_argument)$/.test(kind)
  )
    return same(parent?.field("name") ?? null, name);
  if (
    /^(?:parameters|lambda_parameters|typed_parameter|aliased_import|dotted_name|list_splat_pattern|dictionary_splat_pattern|as_pattern_target|global_statement|nonlocal_statement|pattern_list|tuple_pattern)$/.test(
      kind,
    )
  )
    return true;
  if (kind === "attribute") return same(parent?.field("attribute") ?? null, name);
  return (
    /^(?:assignment|for_statement|for_in_clause|named_expression)$/.test(kind) &&
    same(parent?.field("left") ?? parent?.field("name") ?? null, name)
  );
}

/** Whether an identifier is only a part of another name: an attribute or a keyword. */
export function isLabel(name: SgNode): boolean {
  const parent = name.parent();
  if (parent?.kind() === "attribute") return same(parent.field("attribute"), name);
  return parent?.kind() === "keyword_argument" && same(parent.field("name"), name);
}
