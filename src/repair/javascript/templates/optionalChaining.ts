import type { SgNode } from "@ast-grep/napi";
import { chainOf, dressed, hasEffects, isMember, operatorOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { conditionOutcomeOf, naturalEffect, outcomeScore } from "../conditionOutcome.ts";
import { nullGuard, ternary } from "../guard.ts";
import { candidate } from "../guardForms.ts";
import { guardCount } from "../nearbyGuards.ts";
import { insert, type RepairSite, replace, type Template } from "../repairSite.ts";
import { type ValueUse, valueUseOf } from "../valueUse.ts";

/** A read of undefined or null ends the chain with undefined as its value: `a?.b`, or `a && a.b` in older code. */
export const optionalChaining: Template = (site) => {
  if (site.crash.kind !== "read" || site.depth > 0 || !isMember(site.node)) return [];
  const chain = chainOf(site.node);
  if (isTarget(chain)) return [];
  const slot = valueUseOf(chain);
  const form = site.style.optionalChaining ? chained(site, slot) : shortCircuited(site, chain, slot);
  return form === null ? [] : [form];
};

function chained(site: RepairSite, slot: ValueUse): Candidate {
  const span = spanOf(site.subject);
  const dot = site.node.field("property") === null ? span.end : site.source.text.indexOf(".", span.end);
  const edit = site.node.field("property") === null ? insert(site, dot, "?.") : insert(site, dot, "?");
  const chain = chainOf(site.node);
  return candidate({ family: "optionalChaining" }, "", [edit], {
    explanation: `${site.node.text().split("\n")[0]} is undefined where ${site.subjectText} is not there`,
    score: naturalScore(site, slot, chain) + (site.style.usesOptionalChaining ? 2 : -1),
    effect: naturalEffect(site),
  });
}

function shortCircuited(site: RepairSite, chain: SgNode, slot: ValueUse): Candidate | null {
  const score = naturalScore(site, slot, chain);
  const effect = naturalEffect(site);
  if (hasEffects(site.subject)) {
    // Evaluating the subject twice could be costly or change state, so an empty default replaces the check.
    if (chain.id() !== site.node.id()) return null;
    const empty = site.node.kind() === "subscript_expression" ? "[]" : "{}";
    const edit = replace(site, site.subject, `(${site.subject.text()} || ${empty})`);
    const explanation = `an empty ${empty} stands in where ${site.subjectText} is not there`;
    return candidate({ family: "optionalChaining" }, "empty", [edit], { explanation, score, effect });
  }
  if (slot.kind !== "value") return null;
  const guard = { ...nullGuard(site), family: "optionalChaining" };
  const parent = dressed(chain).parent();
  const loose =
    /^(?:variable_declarator|assignment_expression|return_statement|pair|arguments|arrow_function|array)$/.test(
      String(parent?.kind()),
    );
  const text = `${guard.yes} && ${chain.text()}`;
  const edit =
    parent !== null && isTernaryPart(parent, chain)
      ? ternary(site, chain, guard, "undefined")
      : replace(site, chain, loose ? text : `(${text})`);
  return candidate(guard, "and", [edit], { explanation: `read only where ${guard.words}`, score, effect });
}

function isTernaryPart(parent: SgNode, chain: SgNode): boolean {
  return parent.kind() === "ternary_expression" && parent.field("condition")?.id() !== chain.id();
}

function naturalScore(site: RepairSite, slot: ValueUse, chain: SgNode): number {
  if (slot.kind === "test") {
    const reading = conditionOutcomeOf(slot.term, chain, site.subjectText);
    return reading.natural === null ? 74 : outcomeScore(reading, reading.natural, slot.wanted, slot.rejects);
  }
  if (slot.kind === "discard") return 72;
  if (slot.kind === "iterate") return 40;
  const base = { return: 72, declaration: 72, assignment: 70, argument: 68, operand: 56, other: 70 }[slot.of];
  return base + (isGuardedLater(site, chain) ? 8 : 0) + Math.min(4, guardCount(site.siblings));
}

/** Whether later code tests the variable that receives the value, so that undefined is a value it expects. */
function isGuardedLater(site: RepairSite, chain: SgNode): boolean {
  const declarator = dressed(chain).parent();
  const name = declarator?.kind() === "variable_declarator" ? (declarator.field("name")?.text() ?? "") : "";
  if (!/^[\w$]+$/.test(name)) return false;
  const rest = site.source.text.slice(spanOf(chain).end, spanOf(chain).end + 2000);
  return new RegExp(
    `!${name}\\b|\\b${name} (?:&&|\\|\\||\\?|[!=]==? (?:undefined|null))|\\(${name}\\)|\\b${name}\\?\\.`,
  ).test(rest);
}

/** Whether `?.` is not allowed or useful here: as the target of an assignment or update, or after `new`. */
function isTarget(chain: SgNode): boolean {
  const parent = dressed(chain).parent();
  if (parent === null) return false;
  if (parent.kind() === "new_expression") return true;
  if (parent.kind() === "update_expression") return true;
  const isAssignment = parent.kind() === "assignment_expression" || parent.kind() === "augmented_assignment_expression";
  return isAssignment && parent.field("left")?.id() === dressed(chain).id() && operatorOf(parent) !== "=>";
}
