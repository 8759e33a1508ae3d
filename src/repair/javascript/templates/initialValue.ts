import type { SgNode } from "@ast-grep/napi";
import {
  argumentsOf,
  bare,
  chainOf,
  findKinds,
  hasEffects,
  isFunction,
  operatorOf,
} from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { returnsOf } from "../earlyReturns.ts";
import { candidate, guardForms } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

/** "Reduce of empty array with no initial value": adds the neutral value of the reducer's operation. */
export const initialValue: Template = (site) => {
  if (site.crash.kind !== "emptyReduce" || site.depth > 0) return [];
  const reducer = argumentsOf(site.node)[0];
  if (reducer === undefined || argumentsOf(site.node).length !== 1) return [];
  const neutral = neutralOf(reducer, site.style.quote);
  return [
    ...leavesForEmpty(site),
    candidate({ family: "initialValue" }, neutral.value, [insert(site, spanOf(reducer).end, `, ${neutral.value}`)], {
      explanation: `an empty list reduces to ${neutral.value}`,
      score: neutral.score,
      effect: `value:${neutral.value}`,
    }),
  ];
};

function neutralOf(reducer: SgNode, quote: string): { value: string; score: number } {
  const body = isFunction(reducer) ? bodyOf(reducer) : null;
  if (body === null) return { value: "undefined", score: 30 };
  const text = body.text();
  if (/Math\.max/.test(text)) return { value: "-Infinity", score: 62 };
  if (/Math\.min/.test(text)) return { value: "Infinity", score: 62 };
  if (body.kind() === "array" || /\.concat\(/.test(text)) return { value: "[]", score: 90 };
  if (body.kind() === "object" || /Object\.assign\(/.test(text)) return { value: "{}", score: 90 };
  if (body.kind() === "template_string") return { value: quote + quote, score: 84 };
  const operator = operatorOf(body);
  if (operator === "&&") return { value: "true", score: 88 };
  if (operator === "||") return { value: "false", score: 88 };
  if (operator === "*") return { value: "1", score: 88 };
  if (operator === "+") return addsText(body) ? { value: quote + quote, score: 88 } : { value: "0", score: 88 };
  return { value: "undefined", score: 30 };
}

/** The reducer's result: the body of an arrow, or its first return value. */
function bodyOf(reducer: SgNode): SgNode | null {
  const body = reducer.field("body");
  if (body?.kind() !== "statement_block") return body === null ? null : bare(body);
  const value = returnsOf(reducer)[0]?.namedChildren()[0];
  return value === undefined ? null : bare(value);
}

function addsText(body: SgNode): boolean {
  return findKinds(body, "string", "template_string").length > 0;
}

/** When the list is empty, guards the reduce call or returns early instead of adding a neutral value. */
function leavesForEmpty(site: RepairSite): Candidate[] {
  const list = site.subject.text();
  if (hasEffects(site.subject)) return [];
  const guard = {
    family: "emptyList",
    yes: `${list}.length > 0`,
    no: `${list}.length === 0`,
    words: `${list} has elements`,
  };
  const chain = chainOf(site.node);
  return guardForms(site, chain, valueUseOf(chain), guard).map((c) => ({ ...c, score: Math.min(c.score, 68) }));
}
