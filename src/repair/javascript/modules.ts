import type { SgNode } from "@ast-grep/napi";
import { findKinds } from "../../syntax/scriptNodes.ts";
import { type Source, spanOf } from "../../syntax/source.ts";
import type { Repository } from "./repairSite.ts";

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
