import { bare, chainOf, dressed, hasEffects, isMember, operatorOf } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { type Guard, nullGuard } from "../guard.ts";
import { guardForms } from "../guardForms.ts";
import { guardCount } from "../nearbyGuards.ts";
import type { RepairSite, Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

const KINDS = ["read", "write", "in", "nullToObject", "destructure", "notIterable", "argument", "handedOver"];

/** Checks for the value in the condition, around the statement, or before it. In a caller's frame, guards the call. */
export const nullGuards: Template = (site) => {
  if (!KINDS.includes(site.crash.kind) || isLiteral(site)) return [];
  if (!/^[\w$.[\]'"()?,\s!-]+$/.test(site.subjectText) && site.subjectText.length > 60) return [];
  const chain =
    site.crash.kind === "destructure"
      ? site.subject
      : isMember(site.node) || site.depth > 0
        ? chainOf(site.node)
        : site.node;
  const guard: Guard = nullGuard(site);
  const twice = hasEffects(site.subject) ? 12 : 0;
  return guardForms(site, chain, valueUseOf(chain), guard).map((c) => adjusted(site, c, twice));
};

function adjusted(site: RepairSite, candidate: Candidate, twice: number): Candidate {
  const { and, optional, not } = site.siblings;
  const form = candidate.template.split(":")[1];
  let score = candidate.score - twice;
  if (guardCount(site.siblings) > 0) {
    if (form === "and" || form === "statement") score += and >= optional ? 3 : 0;
    if (form === "or" || form === "leave") score += not > 0 ? 2 : 0;
  } else if (form === "and" && !site.style.optionalChaining) score += 1;
  if (form === "and" && losesSetting(site)) score -= 30;
  return { ...candidate, score };
}

/**
 * Whether a guard with `&&` would silently replace a setting. In `a.b.c.d || other` with b missing, c.d may have been
 * set and moved to another place, and the guard would take `other` instead. An empty or literal `other` does no such
 * harm.
 */
function losesSetting(site: RepairSite): boolean {
  const chain = chainOf(site.node);
  const owner = dressed(chain).parent();
  const right = owner?.field("right");
  const deep =
    chain
      .text()
      .slice(site.subjectText.length)
      .match(/\.[\w$]+/g)?.length ?? 0;
  return (
    site.depth === 0 &&
    deep >= 2 &&
    isMember(bare(site.subject)) &&
    guardCount(site.siblings) === 0 &&
    owner?.kind() === "binary_expression" &&
    operatorOf(owner) === "||" &&
    /^(?:identifier|member_expression|call_expression)$/.test(String(right?.kind()))
  );
}

/** Whether a check makes no sense: the value is a literal, `this` or `super`. */
function isLiteral(site: RepairSite): boolean {
  return /^(?:this|super|object|array|string|number|object_pattern|array_pattern|arrow_function|function_expression)$/.test(
    String(bare(site.subject).kind()),
  );
}
