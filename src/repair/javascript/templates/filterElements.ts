import type { SgNode } from "@ast-grep/napi";
import { dressed, functionOf, isMember, memberName, parametersOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/** Filters missing elements out of a list before it is iterated: `xs.map(x => x.y)` → `xs.filter(Boolean).map(…)`. */
export const filterElements: Template = (site) => {
  if (!/^(?:read|destructure|nullToObject|in|notIterable)$/.test(site.crash.kind) || site.depth > 0) return [];
  const fn = functionOf(site.subject) ?? (site.crash.kind === "destructure" ? site.subject.parent() : null);
  const found = fn === null ? null : walkOf(fn);
  if (found === null || fn === null) return [];
  const first = parametersOf(fn)[found.method === "reduce" ? 1 : 0]?.pattern;
  const rest = first === undefined ? null : restOf(site, first);
  if (rest === null) return [];
  return [filtered(site, found, rest)];
};

/** The list and the method of the call that iterates it with this callback. */
function walkOf(fn: SgNode): { object: SgNode; method: string } | null {
  const call = dressed(fn).parent()?.parent();
  const callee = call?.kind() === "call_expression" ? call.field("function") : null;
  const method = callee !== null && callee !== undefined && isMember(callee) ? memberName(callee) : null;
  const object = callee?.field("object") ?? null;
  if (object === null || method === null || !/^(?:map|forEach|flatMap|reduce|filter|sort)$/.test(method)) return null;
  return { object, method };
}

/**
 * The member path from the element to the missing value: "" for the element itself, `.a` for `x.a.b`. null when there
 * is none.
 */
function restOf(site: RepairSite, parameter: SgNode): string | null {
  if (site.crash.kind === "destructure") return site.subject.id() === parameter.id() ? "" : null;
  const name = parameter.text();
  if (!/^[\w$]+$/.test(name)) return null;
  if (site.subjectText === name) return "";
  return site.subjectText.startsWith(`${name}.`) && /^[\w$.]+$/.test(site.subjectText)
    ? site.subjectText.slice(name.length)
    : null;
}

function filtered(site: RepairSite, walk: { object: SgNode; method: string }, rest: string): Candidate {
  const kept = site.source.text.includes("=>")
    ? `(item) => item${rest}`
    : `function (item) { return item${rest}${site.style.semicolons ? ";" : ""} }`;
  const text = rest === "" ? ".filter(Boolean)" : `.filter(${kept})`;
  const scores: Record<string, number> = { map: 76, flatMap: 78, reduce: 76, forEach: 64, filter: 60, sort: 58 };
  return candidate({ family: "filterElements" }, "", [insert(site, spanOf(walk.object).end, text)], {
    explanation: "elements that are not there are left out before the list is walked through",
    score: (scores[walk.method] ?? 60) - (rest === "" ? 0 : 14),
    effect: walk.method === "forEach" ? "skip" : "filtered",
  });
}
