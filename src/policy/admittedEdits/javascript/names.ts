import type { SgNode } from "@ast-grep/napi";
import { findKinds, functionOf, isFunction, same } from "../../../syntax/scriptNodes.ts";

/** The names that a pattern binds. */
export function namesIn(pattern: SgNode): string[] {
  if (/^(?:identifier|shorthand_property_identifier_pattern)$/.test(String(pattern.kind()))) return [pattern.text()];
  return findKinds(pattern, "identifier", "shorthand_property_identifier_pattern").map((n) => n.text());
}

/** Reads of names in the function around a node (the whole file at its top), except where they are declared. */
export function readsOf(node: SgNode, names: readonly string[]): SgNode[] {
  const scope = isFunction(node) ? node : (functionOf(node) ?? node.ancestors().at(-1) ?? node);
  return findKinds(scope, "identifier", "shorthand_property_identifier").filter(
    (found) => names.includes(found.text()) && !isBinder(found),
  );
}

function isBinder(name: SgNode): boolean {
  const parent = name.parent();
  const kind = String(parent?.kind() ?? "");
  if (/(?:_pattern|parameters|parameter|specifier|clause)$/.test(kind))
    return !same(parent?.field("right") ?? null, name);
  if (kind === "variable_declarator" || /declaration$/.test(kind)) return same(parent?.field("name") ?? null, name);
  if (kind === "arrow_function") return same(parent?.field("parameter") ?? null, name);
  return kind === "assignment_expression" && same(parent?.field("left") ?? null, name);
}
