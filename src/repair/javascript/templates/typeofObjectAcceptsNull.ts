import type { SgNode } from "@ast-grep/napi";
import { bare, contains, exits, findKinds, functionOf, hasEffects, operatorOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { andTerm, nullGuard, orTerm } from "../guard.ts";
import { candidate } from "../guardForms.ts";
import type { RepairSite, Template } from "../repairSite.ts";

/** `typeof x === 'object'` accepts null, and null came. The check asks for the value first. */
export const nullObject: Template = (site) => {
  if (!/^(?:read|write|in|nullToObject|notIterable)$/.test(site.crash.kind) || site.isNull !== true) return [];
  if (hasEffects(site.subject)) return [];
  const check = findKinds(functionOf(site.node) ?? site.source.root, "binary_expression")
    .filter((n) => asksForObject(n, site) && spanOf(n).start < spanOf(site.node).start && guards(n, site))
    .at(-1);
  if (check === undefined) return [];
  const guard = { ...nullGuard(site), family: "nullObject" };
  const edit = operatorOf(check).startsWith("!") ? orTerm(site, check, guard) : andTerm(site, check, guard);
  return [
    candidate(guard, "", [edit], {
      explanation: `typeof null is "object" too: the check of ${site.subjectText} asks first whether it is there`,
      score: 94,
      effect: "as checked",
    }),
  ];
};

function asksForObject(node: SgNode, site: RepairSite): boolean {
  const asked = node.field("left");
  return (
    /^[=!]==?$/.test(operatorOf(node)) &&
    /^['"]object['"]$/.test(node.field("right")?.text() ?? "") &&
    asked?.kind() === "unary_expression" &&
    operatorOf(asked) === "typeof" &&
    bare(asked.field("argument") ?? asked).text() === site.subjectText
  );
}

/**
 * Whether the crashing code runs only if the check passes: further right in the same `&&`, in its branch, or after its
 * early exit.
 */
function guards(check: SgNode, site: RepairSite): boolean {
  const negative = operatorOf(check).startsWith("!");
  for (const ancestor of check.ancestors()) {
    const kind = String(ancestor.kind());
    const logical = kind === "binary_expression" ? operatorOf(ancestor) : "";
    const inside = contains(spanOf(ancestor), spanOf(site.node));
    if (logical === (negative ? "||" : "&&") && inside) return true;
    if (kind === "if_statement" || kind === "ternary_expression") {
      const taken = ancestor.field("consequence");
      const within = taken !== null && contains(spanOf(taken), spanOf(site.node));
      return negative ? exits(taken) : within;
    }
    if (!/^(?:binary_expression|parenthesized_expression|unary_expression)$/.test(kind)) return false;
  }
  return false;
}
