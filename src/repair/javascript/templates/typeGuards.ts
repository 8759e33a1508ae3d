import type { SgNode } from "@ast-grep/napi";
import {
  bare,
  chainOf,
  contains,
  findKinds,
  functionOf,
  hasEffects,
  isFunction,
  isMember,
  memberName,
  parametersOf,
} from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { type Guard, ternary } from "../guard.ts";
import { candidate, guardForms } from "../guardForms.ts";
import type { RepairSite, Template } from "../repairSite.ts";
import { type ValueUse, valueUseOf } from "../valueUse.ts";
import { ARRAY_METHODS, STRING_METHODS } from "./defaultValue.ts";
import { INHERITED } from "./inheritedMethod.ts";

/**
 * "x is not a function": checks the type first. A method of strings or arrays checks for that type, anything else for a
 * function.
 */
export const typeGuards: Template = (site) => {
  if (site.crash.kind !== "notFunction" || site.depth > 0) return [];
  if (hasEffects(site.subject) && !isMember(bare(site.subject))) return [];
  const callee = bare(site.subject);
  if (isMember(callee) && INHERITED.test(memberName(callee) ?? "")) return [];
  const chain = chainOf(site.node);
  const slot = valueUseOf(chain);
  return guardsFor(site).flatMap(({ guard, penalty, hides, object }) =>
    [...guardForms(site, chain, slot, guard), ...asItIs(site, chain, slot, guard, object)].map(
      (c): Candidate => ({
        ...c,
        score: c.score - penalty,
        // A value of another type exists. Returning nothing instead would lose it.
        hides: c.hides || hides || (object !== null && /^value:(?:undefined|null)$/.test(c.effect)),
      }),
    ),
  );
};

/**
 * `typeof x === 'string' ? x.trim() : x`: returns a value of another type unchanged, for methods whose result has the
 * type of their object.
 */
function asItIs(site: RepairSite, chain: SgNode, slot: ValueUse, guard: Guard, object: SgNode | null): Candidate[] {
  if (object === null || slot.kind !== "value" || slot.of === "operand") return [];
  const method = memberName(bare(site.subject)) ?? "";
  if (!/^(?:trim|replace|to[LU]|pad|normalize|slice|filter|concat|sort|reverse)/.test(method)) return [];
  if (slot.holder.id() !== chain.id()) return [];
  return [
    candidate(guard, "asItIs", [ternary(site, slot.holder, guard, object.text())], {
      explanation: `${object.text()} is handed on as it is unless ${guard.words}`,
      score: slot.of === "return" ? 71 : 67,
      effect: "value:as it is",
    }),
  ];
}

interface Weighted {
  guard: Guard;
  penalty: number;
  hides: boolean;
  /** The owner of the method, whose type is checked; null when the check is for a function. */
  object: SgNode | null;
}

function guardsFor(site: RepairSite): Weighted[] {
  const callee = bare(site.subject);
  // A long or multi-line callee is computed: checking its type would compute it twice.
  if (callee.text().length > 60 || callee.text().includes("\n")) return [];
  const object = isMember(callee) ? callee.field("object") : null;
  const name = isMember(callee) ? memberName(callee) : null;
  if (object !== null && name !== null && !hasEffects(object)) {
    const types = typesOf(name, site);
    if (types.length > 0)
      return types.map((guard, i) => ({ guard: guard(object.text(), site), penalty: 4 * i, hides: false, object }));
  }
  const q = site.style.quote;
  const text = callee.text();
  // A method selected by a computed name is a dispatch: skipping the call loses what was requested. A local variable
  // without its function is a fault earlier in the code: skipping the call only hides that fault.
  const hides = (callee.kind() === "subscript_expression" && name === null) || isLocal(callee);
  const guard = {
    family: "typeGuard",
    yes: `typeof ${text} === ${q}function${q}`,
    no: `typeof ${text} !== ${q}function${q}`,
    words: `${text} is a function`,
  };
  return [{ guard, penalty: (hides ? 20 : 0) + (isCalledElsewhere(callee, site) ? 16 : 0), hides, object: null }];
}

/** Whether the enclosing function calls the name more than once. Guarding one call leaves the others to crash. */
function isCalledElsewhere(callee: SgNode, site: RepairSite): boolean {
  if (callee.kind() !== "identifier") return false;
  const calls = findKinds(site.source.root, "call_expression").filter(
    (n) => n.field("function")?.text() === callee.text(),
  );
  const around = functionOf(callee)?.ancestors().find(isFunction) ?? functionOf(callee);
  return around !== null && calls.filter((n) => contains(spanOf(around), spanOf(n))).length > 1;
}

/** Whether the callee is a name and not a parameter of an enclosing function, so code in the file set its value. */
function isLocal(callee: SgNode): boolean {
  if (callee.kind() !== "identifier") return false;
  for (let fn = functionOf(callee); fn !== null; fn = functionOf(fn)) {
    if (
      parametersOf(fn).some(
        (p) =>
          p.pattern
            .text()
            .match(/[\w$]+/g)
            ?.includes(callee.text()) === true,
      )
    )
      return false;
  }
  return true;
}

type MakeGuard = (object: string, site: RepairSite) => Guard;

function typesOf(method: string, site: RepairSite): MakeGuard[] {
  if (STRING_METHODS.test(method)) return [stringGuard];
  if (ARRAY_METHODS.test(method)) return [arrayGuard];
  if (!/^(?:indexOf|lastIndexOf|includes|slice|concat|at)$/.test(method)) return [];
  return site.siblings.isArray > 0 || !argumentsLookLikeText(site)
    ? [arrayGuard, stringGuard]
    : [stringGuard, arrayGuard];
}

function argumentsLookLikeText(site: RepairSite): boolean {
  return /^\((?:['"`]|\))/.test(site.node.field("arguments")?.text() ?? "");
}

function stringGuard(object: string, site: RepairSite): Guard {
  const q = site.style.quote;
  return {
    family: "typeGuard",
    yes: `typeof ${object} === ${q}string${q}`,
    no: `typeof ${object} !== ${q}string${q}`,
    words: `${object} is a string`,
  };
}

function arrayGuard(object: string): Guard {
  return {
    family: "typeGuard",
    yes: `Array.isArray(${object})`,
    no: `!Array.isArray(${object})`,
    words: `${object} is an array`,
  };
}
