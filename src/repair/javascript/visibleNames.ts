import type { SgNode } from "@ast-grep/napi";
import { distance } from "fastest-levenshtein";
import { findKinds, isFunction, parametersOf } from "../../syntax/scriptNodes.ts";

/** Names visible at a node: declarations of the blocks, functions and file around it. */
export function namesInScope(node: SgNode): Set<string> {
  const names = new Set<string>();
  for (const ancestor of node.ancestors()) {
    if (isFunction(ancestor)) {
      for (const parameter of parametersOf(ancestor)) bind(names, parameter.pattern);
      const own = ancestor.field("name");
      if (own !== null && ancestor.kind() !== "method_definition") names.add(own.text());
    }
    if (ancestor.kind() === "catch_clause") bind(names, ancestor.field("parameter"));
    if (ancestor.kind() === "for_in_statement" && ancestor.field("kind") !== null) bind(names, ancestor.field("left"));
    for (const child of ancestor.children()) declared(names, child);
  }
  return names;
}

/**
 * The nearest name by edit distance, if it is close enough to be a typo: 1 edit for names up to 3 characters, 2 up to
 * 6, else 3. Names that differ only in case come first. null if no name is close enough, or if two are equally close.
 */
export function nearest(name: string, names: Iterable<string>): { name: string; distance: number } | null {
  const allowed = name.length <= 3 ? 1 : name.length <= 6 ? 2 : 3;
  const near = [...new Set(names)]
    .filter((n) => n !== name && n.length > 1)
    .map((n) => ({
      name: n,
      distance:
        n.toLowerCase() === name.toLowerCase() ? 0.5 : plural(n, name) ? 0.8 : swapped(n, name) ? 1 : distance(n, name),
    }))
    .filter((n) => n.distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name));
  const [first, second] = near;
  return first === undefined || second?.distance === first.distance ? null : first;
}

/** How often a name occurs as a whole word. */
export function occurrences(text: string, name: string): number {
  return text.match(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g"))?.length ?? 0;
}

function declared(names: Set<string>, node: SgNode): void {
  const kind = String(node.kind());
  if (kind === "lexical_declaration" || kind === "variable_declaration") {
    for (const declarator of node.namedChildren()) bind(names, declarator.field("name"));
  } else if (/^(?:function|generator_function|class)_declaration$/.test(kind)) {
    bind(names, node.field("name"));
  } else if (kind === "import_statement") {
    for (const id of findKinds(node, "identifier")) names.add(id.text());
  } else if (kind === "export_statement") {
    for (const child of node.namedChildren()) declared(names, child);
  }
}

function bind(names: Set<string>, pattern: SgNode | null): void {
  if (pattern === null) return;
  if (/identifier/.test(String(pattern.kind()))) names.add(pattern.text());
  for (const id of findKinds(pattern, "identifier", "shorthand_property_identifier_pattern")) names.add(id.text());
}

function plural(a: string, b: string): boolean {
  return a === `${b}s` || b === `${a}s`;
}

/** Two adjacent letters exchanged. Counts as one typo, although Levenshtein distance counts two edits. */
function swapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((c, i) => c !== b[i]);
  return at >= 0 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
