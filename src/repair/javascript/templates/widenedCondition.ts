import type { SgNode } from "@ast-grep/napi";
import { bare, chainOf, contains, hasEffects, isFunction } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { andTerm, nullGuard } from "../guard.ts";
import { candidate, withoutSwallowing } from "../guardForms.ts";
import type { RepairSite, Template } from "../repairSite.ts";

/**
 * Widens the condition that guards the crashing code: `if (a)` → `if (a && b.c)`, `a ? b.c.d : e` → `a && b.c ? b.c.d :
 * e`.
 */
export const widenedCondition: Template = (site) => {
  if (!/^(?:read|write|nullToObject|in|notIterable)$/.test(site.crash.kind) || hasEffects(site.subject)) return [];
  for (const ancestor of site.node.ancestors()) {
    if (isFunction(ancestor)) return [];
    const taken = ancestor.field("consequence");
    if (taken === null || !contains(spanOf(taken), spanOf(site.node))) continue;
    const condition = ancestor.field("condition");
    if (condition === null) return [];
    if (ancestor.kind() === "ternary_expression") return [lossless(site, widened(site, condition, ancestor, 77))];
    if (ancestor.kind() === "if_statement")
      return isOwn(site, taken) ? [lossless(site, widened(site, condition, ancestor, 68))] : [];
  }
  return [];
};

function lossless(site: RepairSite, form: Candidate): Candidate {
  return withoutSwallowing(form, chainOf(site.node));
}

/** Whether the value exists where the condition is evaluated: it is not declared inside the block. */
function isOwn(site: RepairSite, block: SgNode): boolean {
  const root = /^[\w$]+/.exec(site.subjectText)?.[0] ?? "";
  return !new RegExp(`(?:const|let|var)\\s+(?:\\{[^}]*)?${root.replaceAll("$", "\\$")}\\b`).test(block.text());
}

function widened(site: RepairSite, condition: SgNode, owner: SgNode, score: number): Candidate {
  const guard = { ...nullGuard(site), family: "widenedCondition" };
  const inner = condition.kind() === "parenthesized_expression" ? bare(condition) : condition;
  const logicalAnd = inner.kind() === "binary_expression" && inner.field("operator")?.text() === "&&";
  const text = logicalAnd
    ? inner.text()
    : /^(?:binary|ternary|assignment)/.test(String(inner.kind())) && /\|\||\?\?| \? |[^=!<>]=[^=]/.test(inner.text())
      ? `(${inner.text()})`
      : inner.text();
  const edit = { ...andTerm(site, inner, guard), text: `${text} && ${guard.yes}` };
  const hasElse = owner.field("alternative") !== null;
  return candidate(guard, "", [edit], {
    explanation: `the ${hasElse ? "other way is taken" : "block is left out"} unless ${guard.words}`,
    score,
    effect: hasElse ? "other branch" : "block skipped",
  });
}
