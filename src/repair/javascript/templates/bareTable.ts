import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionOf, isMember } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/**
 * An object literal used as a table is indexed with a key from outside. The keys `toString` and `constructor` then
 * return members that every object inherits, of the wrong type. The repair gives the file's tables a null prototype.
 */
export const bareTable: Template = (site) => {
  if (site.crash.kind !== "notFunction" || site.depth > 0) return [];
  const lookup = lookupOf(site);
  const asked = lookup === null ? null : (lookup.field("object")?.text() ?? null);
  const tables = tablesOf(site);
  if (asked === null || !tables.has(asked)) return [];
  const edits = [...tables.values()].map((table) => insert(site, spanOf(table).start + 1, opening(table)));
  return [
    candidate({ family: "bareTable" }, "", edits, {
      explanation: `${asked} answers only to its own keys, not to what every object inherits`,
      score: 91,
      effect: "value:undefined",
    }),
  ];
};

/** The lookup `TABLE[key]`, direct or through the variable declared with it. */
function lookupOf(site: RepairSite): SgNode | null {
  const callee = bare(site.subject);
  const value = isMember(callee) ? bare(callee.field("object") ?? callee) : callee;
  if (value.kind() === "subscript_expression") return value;
  const scope = functionOf(site.node) ?? site.source.root;
  const declarator = findKinds(scope, "variable_declarator").find((d) => d.field("name")?.text() === value.text());
  const init = declarator?.field("value") ?? null;
  return init?.kind() === "subscript_expression" ? init : null;
}

/** Object literals of the file, by name, that are indexed by a variable and never read for an inherited method. */
function tablesOf(site: RepairSite): Map<string, SgNode> {
  const indexed = new Set(
    findKinds(site.source.root, "subscript_expression")
      .filter((n) => n.field("index")?.kind() === "identifier")
      .map((n) => n.field("object")?.text() ?? ""),
  );
  const tables = new Map<string, SgNode>();
  for (const declarator of findKinds(site.source.root, "variable_declarator")) {
    const name = declarator.field("name")?.text() ?? "";
    const value = declarator.field("value");
    const inherits = new RegExp(
      `(?<![\\w$.])${name.replaceAll("$", "\\$")}\\.(?:hasOwnProperty|toString|propertyIsEnumerable)\\b`,
    );
    if (functionOf(declarator) !== null || value?.kind() !== "object" || value.namedChildren().length === 0) continue;
    if (indexed.has(name) && !/__proto__/.test(value.text()) && !inherits.test(site.source.text))
      tables.set(name, value);
  }
  return tables;
}

/** The text inserted after the opening brace. */
function opening(table: SgNode): string {
  const indent = /^\{(\r?\n[ \t]*)/.exec(table.text())?.[1];
  return indent === undefined ? " __proto__: null," : `${indent}__proto__: null,`;
}
