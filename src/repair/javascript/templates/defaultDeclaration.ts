import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionOf, memberName } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { naturalEffect } from "../conditionOutcome.ts";
import { candidate } from "../guardForms.ts";
import { type RepairSite, replace, type Template } from "../repairSite.ts";
import { ARRAY_METHODS, STRING_METHODS } from "./defaultValue.ts";

/**
 * Gives the missing value a default in its declaration: `const options = context.options[0]` → `… || {}`. Scores higher
 * when the value is read more than once.
 */
export const defaultDeclaration: Template = (site) => {
  if (site.depth > 0 || !/^(?:read|nullToObject|notIterable|in|destructure)$/.test(site.crash.kind)) return [];
  const subject = bare(site.subject);
  const empty = subject.kind() === "identifier" ? emptyFor(site) : null;
  const declarator = empty === null ? null : declaratorOf(site, subject.text());
  const value = declarator?.field("value") ?? null;
  if (empty === null || value === null || isDefaulted(value)) return [];
  const uses = readsOf(site, subject.text());
  const loose = /^(?:ternary|assignment|arrow|yield|await|binary)/.test(String(value.kind()));
  const operator = site.style.nullish && site.siblings.defaults.length === 0 ? "??" : "||";
  const text = `${loose ? `(${value.text()})` : value.text()} ${operator} ${empty}`;
  return [
    candidate({ family: "defaultDeclaration" }, empty, [replace(site, value, text)], {
      explanation: `${subject.text()} is ${empty} where it would be missing`,
      score: scoreOf(site, subject.text(), uses) - (isLookup(value) ? 14 : isElement(value) ? 22 : 0),
      effect: empty === "{}" && site.crash.kind === "read" ? naturalEffect(site) : `value:${empty}`,
    }),
  ];
};

function scoreOf(site: RepairSite, name: string, uses: number): number {
  // Code that checks the value for presence needs to see that it is missing.
  const asked = new RegExp(
    `!${name}\\b(?!\\.)|\\b${name} (?:&&|\\?|\\|\\||[!=]==? (?:null|undefined))|\\(${name}\\)`,
  ).test(site.source.text);
  if (asked) return 52;
  return uses > 1 ? 89 : 74;
}

/** A lookup call that finds nothing means "none". An empty object instead would look like a result. */
function isLookup(value: SgNode): boolean {
  return bare(value).kind() === "call_expression";
}

/** An element of a list. An empty default would be processed as if it were a real element. */
function isElement(value: SgNode): boolean {
  return bare(value).kind() === "subscript_expression" && bare(value).field("index")?.kind() === "identifier";
}

/** How often the whole file reads a member of the name. */
function readsOf(site: RepairSite, name: string): number {
  return findKinds(site.source.root, "member_expression", "subscript_expression").filter(
    (n) => n.field("object")?.text() === name,
  ).length;
}

/** The last declaration of the name before the site, in the innermost scope that has one. */
function declaratorOf(site: RepairSite, name: string): SgNode | null {
  for (let scope = functionOf(site.node); ; scope = functionOf(scope)) {
    const found = findKinds(scope ?? site.source.root, "variable_declarator").filter(
      (d) =>
        d.field("name")?.text() === name &&
        spanOf(d).start < spanOf(site.node).start &&
        functionOf(d)?.id() === scope?.id(),
    );
    const last = found.at(-1);
    if (last !== undefined) return last;
    if (scope === null) return null;
  }
}

function isDefaulted(value: SgNode): boolean {
  return (
    /(?:\|\||\?\?) *[^|]+$/.test(value.text()) ||
    /^(?:object|array|new_expression|arrow_function|function_expression)$/.test(String(value.kind()))
  );
}

function emptyFor(site: RepairSite): string | null {
  if (site.crash.kind === "notIterable") return "[]";
  if (site.crash.kind !== "read") return "{}";
  const name = memberName(site.node) ?? "";
  if (ARRAY_METHODS.test(name)) return "[]";
  if (STRING_METHODS.test(name)) return site.style.quote + site.style.quote;
  const called =
    site.node.parent()?.kind() === "call_expression" && site.node.parent()?.field("function")?.id() === site.node.id();
  return called || name === "length" ? null : "{}";
}
