import type { SgNode } from "@ast-grep/napi";
import { findKinds, functionOf, operatorOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { candidate } from "../guardForms.ts";
import { lastName, type RepairSite, replace, type Template } from "../repairSite.ts";

/** Widens a check for only one of null and undefined when the other value came: `x === null` → `x == null`. */
export const looseNullCheck: Template = (site) => {
  if (!/^(?:read|write|nullToObject|notIterable|in|destructure)$/.test(site.crash.kind) || site.isNull === null)
    return [];
  const fn = functionOf(site.node) ?? site.source.root;
  const other = site.isNull ? /^(?:undefined|void 0)$/ : /^null$/;
  return findKinds(fn, "binary_expression")
    .filter(
      (n) =>
        spanOf(n).start < spanOf(site.node).end &&
        /^[=!]==$/.test(operatorOf(n)) &&
        other.test(n.field("right")?.text() ?? ""),
    )
    .flatMap((n) => {
      const score = related(site, n.field("left")?.text() ?? "", fn);
      const right = n.field("right");
      if (score === null || right === null) return [];
      const left = n.field("left")?.text() ?? "";
      return [
        candidate({ family: "looseNullCheck" }, "", [replace(site, n, `${left} ${operatorOf(n).slice(0, 2)} null`)], {
          explanation: `the check of ${left} knows ${right.text()} and not ${site.isNull ? "null" : "undefined"}`,
          score,
          effect: "as checked",
        }),
      ];
    });
};

/**
 * Score by the relation of the checked value to the missing one: the same expression, or the source of its assignment.
 * null: unrelated.
 */
function related(site: RepairSite, left: string, fn: SgNode): number | null {
  const subject = site.subjectText;
  if (left === subject) return 90;
  const name = lastName(subject);
  const assigned = findKinds(fn, "assignment_expression", "variable_declarator").some((n) => {
    const target = n.field("left") ?? n.field("name");
    const value = n.field("right") ?? n.field("value");
    return lastName(target?.text() ?? "") === name && value?.text() === left;
  });
  return assigned ? 88 : null;
}
