import type { SgNode } from "@ast-grep/napi";
import { distance } from "fastest-levenshtein";
import { type Source, spanOf } from "../source.ts";
import type { Repository } from "./repairSite.ts";
import { findKinds, isFunction, parametersOf } from "./syntaxNodes.ts";

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

/**
 * The names a module exports; null when they cannot be determined (dynamic exports, a whole export that is not an
 * object).
 */
export function exportsOf(source: Source): Set<string> | null {
  const text = source.text;
  const names = new Set<string>();
  if (/module\.exports\[|exports\[|Object\.assign\((?:module\.)?exports|export \* from|__exportStar/.test(text))
    return null;
  for (const match of text.matchAll(/(?:^|[;\s])(?:module\.)?exports\.([\w$]+)\s*=/g)) names.add(match[1] ?? "");
  for (const match of text.matchAll(/^export (?:async )?(?:const|let|var|function\*?|class) ([\w$]+)/gm))
    names.add(match[1] ?? "");
  for (const specifier of findKinds(source.root, "export_specifier")) {
    names.add(specifier.field("alias")?.text() ?? specifier.field("name")?.text() ?? "");
  }
  const whole = wholeExport(source);
  if (whole === "unknown") return null;
  for (const key of whole) names.add(key);
  return names;
}

/** Keys of `module.exports = { … }` or `export default { … }`. A spread in the object makes them unknown. */
function wholeExport(source: Source): string[] | "unknown" {
  for (const statement of findKinds(source.root, "assignment_expression", "export_statement")) {
    const isDefault = statement.kind() === "export_statement" && /^export default/.test(statement.text());
    const isModule =
      statement.kind() === "assignment_expression" &&
      /^(?:module\.exports|exports)$/.test(statement.field("left")?.text() ?? "");
    if (!isDefault && !isModule) continue;
    const value = isDefault ? (statement.field("value") ?? null) : statement.field("right");
    if (value === null) continue;
    if (value.kind() !== "object") return "unknown";
    const keys = value
      .namedChildren()
      .filter((n) => n.kind() !== "comment")
      .map(keyOf);
    return keys.some((k) => k === null) ? "unknown" : keys.filter((k) => k !== null);
  }
  return [];
}

function keyOf(entry: SgNode): string | null {
  if (entry.kind() === "shorthand_property_identifier") return entry.text();
  if (entry.kind() === "pair") return (entry.field("key")?.text() ?? "").replace(/^['"]|['"]$/g, "");
  return entry.kind() === "method_definition" ? (entry.field("name")?.text() ?? null) : null;
}

/**
 * The repository file that a relative import path resolves to, seen from a file; null for packages and missing files.
 */
export function resolveImport(from: string, specifier: string, repository: Repository): string | null {
  if (!specifier.startsWith(".")) return null;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  const path = parts.join("/");
  const stem = path.replace(/\.[cm]?js$/, "");
  const names = [
    path,
    ...["js", "ts", "mjs", "cjs", "tsx", "jsx", "mts", "cts"].flatMap((e) => [
      `${path}.${e}`,
      `${stem}.${e}`,
      `${path}/index.${e}`,
    ]),
  ];
  return names.find((n) => repository.files.includes(n)) ?? null;
}

/**
 * Local names of whole modules of the tree, mapped to their files: `import x from`, `import * as x from`, `const x =
 * require()`.
 */
export function moduleNames(source: Source, repository: Repository): Map<string, string> {
  const modules = new Map<string, string>();
  const patterns = [
    /^import (?:\* as )?([\w$]+)(?:, \{[^}]*\})? from ['"]([^'"]+)['"]/gm,
    /(?:const|let|var)\s+([\w$]+) = require\(['"]([^'"]+)['"]\)(?=\s*[;,\n])/g,
  ];
  for (const match of patterns.flatMap((p) => [...source.text.matchAll(p)])) {
    const file = resolveImport(source.path, match[2] ?? "", repository);
    if (file !== null) modules.set(match[1] ?? "", file);
  }
  return modules;
}

/** How often a name occurs as a whole word. */
export function occurrences(text: string, name: string): number {
  return text.match(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g"))?.length ?? 0;
}

/** Offset for another import or require: after the last one at the top of the file, 0 when there is none. */
export function afterImports(source: Source): number {
  let at = 0;
  for (const statement of source.root.namedChildren()) {
    const text = statement.text();
    const isImport =
      statement.kind() === "import_statement" ||
      /^(?:const|let|var)\s[^;]*?= require\(/.test(text) ||
      /^['"]use strict['"]/.test(text);
    if (isImport) at = spanOf(statement).end;
    else if (statement.kind() !== "comment") break;
  }
  return at;
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
