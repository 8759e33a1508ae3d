import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, dressed, exits, functionOf, operatorOf, statementOf } from "../../syntax/scriptNodes.ts";
import { spanOf } from "../../syntax/source.ts";
import type { Candidate, Edit } from "../candidate.ts";
import { conditionOutcomeOf, outcomeScore } from "./conditionOutcome.ts";
import { earlyReturnsOf } from "./earlyReturns.ts";
import { andTerm, type Guard, leaveBefore, orTerm, ternary, wrapStatement } from "./guard.ts";
import type { RepairSite } from "./repairSite.ts";
import { type ValueUse, valueUseOf } from "./valueUse.ts";

/** Every form in which a guard can protect a chain, scored by how the value is used. */
export function guardForms(site: RepairSite, chain: SgNode, slot: ValueUse, guard: Guard): Candidate[] {
  const forms = [
    ...testForms(site, chain, slot, guard),
    ...statementForms(site, slot, guard),
    ...valueForms(site, slot, guard),
    ...leaveForms(site, chain, slot, guard),
  ];
  return forms.map((c) => withoutSwallowing(c, chain));
}

/** Marks a form as `hides` and lowers its score when it would silently leave data unstored. */
export function withoutSwallowing(form: Candidate, chain: SgNode): Candidate {
  return storesSomething(chain) ? { ...form, hides: true, score: form.score - SWALLOW_COST } : form;
}

/** Score penalty for leaving data unstored. Such a repair is never proposed. */
const SWALLOW_COST = 20;
/** Score penalty when the condition has an else branch: it is unknown whether a missing value belongs there. */
const OTHERWISE_COST = 28;
/** Score penalty for guarding a condition in a caller: the rest of the caller continues with the unexpected value. */
const STEP_COST = 14;
const STORES =
  /^_?(?:add|append|prepend|push|unshift|insert|set|put|write|register|enqueue|store|save|send|publish|dispatch|attach)(?![a-z])/;

/** Whether a call whose result is unused stores its argument: `list.addChild(child)`, `store.set(key, value)`. */
function storesSomething(chain: SgNode): boolean {
  if (valueUseOf(chain).kind !== "discard" || chain.kind() !== "call_expression") return false;
  const callee = chain.field("function");
  const name = callee?.field("property")?.text() ?? callee?.text() ?? "";
  return (
    STORES.test(name) && argumentsOf(chain).some((a) => !/^(?:string|number|true|false|null)$/.test(String(a.kind())))
  );
}

function testForms(site: RepairSite, chain: SgNode, slot: ValueUse, guard: Guard): Candidate[] {
  if (slot.kind !== "test") return [];
  return levelsOf(site, slot.term).flatMap(({ term, andHolds, orHolds, cost }) => {
    const reading = conditionOutcomeOf(term, isPassed(site) ? null : chain, site.subjectText);
    const dear = (hasOtherwise(term) ? OTHERWISE_COST : 0) + (site.depth > 0 ? STEP_COST : 0);
    const and = candidate(guard, "and", [andTerm(site, term, guard)], {
      explanation: `the condition asks first whether ${guard.words}; without it the answer is no`,
      score: outcomeScore(reading, false, slot.wanted, slot.rejects) - (andHolds ? cost : cost + 8) - dear,
      effect: "test:false",
    });
    const or = candidate(guard, "or", [orTerm(site, term, guard)], {
      explanation: `the condition asks first whether ${guard.words}; without it the answer is yes`,
      score: outcomeScore(reading, true, slot.wanted, slot.rejects) - (orHolds ? cost : cost + 8) - dear,
      effect: "test:true",
    });
    return [and, or];
  });
}

/** Whether the value is only passed to a call here. What the call returns without the value is unknown. */
function isPassed(site: RepairSite): boolean {
  return site.depth > 0 || site.crash.kind === "handedOver" || site.crash.kind === "argument";
}

/** Whether the condition chooses between two branches that both do work. */
function hasOtherwise(term: SgNode): boolean {
  const owner = term.ancestors().find((a) => !/^(?:binary|unary|parenthesized)_expression$/.test(String(a.kind())));
  if (owner?.kind() !== "if_statement") return false;
  const otherwise = owner.field("alternative");
  const body = otherwise?.namedChildren().find((n) => n.kind() !== "comment") ?? null;
  return otherwise !== null && !exits(body);
}

interface Level {
  term: SgNode;
  /** Whether a guard here with `&&` is enough: no operand further right then reads the value unguarded. */
  andHolds: boolean;
  /** The same for a guard with `||`. */
  orHolds: boolean;
  /** How much guarding at this level lowers the score. */
  cost: number;
}

/**
 * The term itself, and the surrounding conditions whose other operands also read the missing value. There, guarding
 * only the term would move the crash to the other operand.
 */
function levelsOf(site: RepairSite, term: SgNode): Level[] {
  const levels: Level[] = [{ term, andHolds: true, orHolds: true, cost: 0 }];
  const reads = new RegExp(`(?<![\\w$.])${escaped(site.subjectText)}\\s*[.[]`);
  let inner = dressed(term);
  for (let outer = inner.parent(); outer !== null; outer = inner.parent()) {
    if (outer.kind() !== "binary_expression" || !/^(?:&&|\|\|)$/.test(operatorOf(outer))) break;
    const right = outer.field("right");
    if (right !== null && right.id() !== inner.id() && reads.test(right.text())) {
      // `!a ||` before an `||` (and `a &&` before an `&&`) short-circuits the rest; the other guard does not.
      const isOr = operatorOf(outer) === "||";
      const last = levels.at(-1);
      if (last !== undefined && isOr) last.andHolds = false;
      else if (last !== undefined) last.orHolds = false;
      levels.push({ term: outer, andHolds: true, orHolds: true, cost: 1 });
    }
    inner = dressed(outer);
  }
  return levels;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function statementForms(site: RepairSite, slot: ValueUse, guard: Guard): Candidate[] {
  const statement = slot.kind === "discard" ? slot.statement : statementAround(slot);
  if (statement === null) return [];
  const edit = wrapStatement(site, statement, guard);
  if (edit === null) return [];
  const only = isOnlyEffect(statement);
  return [
    candidate(guard, "statement", [edit], {
      explanation: `the statement runs only when ${guard.words}${only ? "; hides: it is all that the function does" : ""}`,
      score: slot.kind === "discard" ? (only ? 62 : 71) : only ? 58 : 66,
      effect: "skip",
      hides: only,
    }),
  ];
}

function valueForms(site: RepairSite, slot: ValueUse, guard: Guard): Candidate[] {
  if (slot.kind !== "value") return [];
  const otherwise = slot.of === "return" ? returned(slot.holder) : ["undefined"];
  return otherwise.map((text, i) =>
    candidate(guard, "ternary", [ternary(site, slot.holder, guard, text)], {
      explanation: `${text} where it is not so that ${guard.words}`,
      score: (slot.of === "return" ? 70 : 64) - 4 * i,
      effect: `value:${text}`,
    }),
  );
}

function leaveForms(site: RepairSite, chain: SgNode, slot: ValueUse, guard: Guard): Candidate[] {
  const usedAgain = usesAfter(site, chain);
  return earlyReturnsOf(chain).flatMap((leave) => {
    const edit = leaveBefore(site, chain, guard, leave.text);
    if (edit === null) return [];
    // Returning from a function without a result is acceptable if the rest reads the value again and would crash
    // anyway. Otherwise the return silently skips work.
    const hides = (leave.effect === "skip" && !usedAgain) || (leave.support < 0.4 && leave.effect !== "skip");
    const score =
      54 +
      14 * leave.support +
      (usedAgain ? 6 : leave.effect === "continue" && restOfRound(site, chain) ? 4 : 0) -
      (slot.kind === "test" ? 12 : 0);
    return [
      candidate(guard, "leave", [edit], {
        explanation: `${leave.text} before it unless ${guard.words}${hides ? "; hides: the rest is not done" : ""}`,
        score,
        effect: leave.effect,
        hides,
      }),
    ];
  });
}

/** What a `return a.b.c` could return instead: up to two values that the function's other returns give. */
function returned(holder: SgNode): string[] {
  const texts = earlyReturnsOf(holder)
    .filter((l) => l.effect.startsWith("return:") && l.support >= 0.4)
    .map((l) => l.effect.slice("return:".length));
  return texts.length === 0 ? ["undefined"] : texts.slice(0, 2);
}

/** The statement that exists only for the value: an assignment, or a call that receives it. */
function statementAround(slot: ValueUse): SgNode | null {
  if (slot.kind !== "value" || !/^(?:assignment|argument|operand|other)$/.test(slot.of)) return null;
  const statement = statementOf(slot.holder);
  return statement?.kind() === "expression_statement" ? statement : null;
}

/**
 * Whether the statement is the last one and the only expression statement of its function. Without it the function does
 * nothing.
 */
function isOnlyEffect(statement: SgNode): boolean {
  const fn = functionOf(statement);
  const body =
    fn
      ?.field("body")
      ?.namedChildren()
      .filter((n) => n.kind() !== "comment") ?? [];
  const effects = body.filter((n) => n.kind() === "expression_statement");
  return (
    effects.length === 1 &&
    spanOf(statement).start === spanOf(effects[0] ?? statement).start &&
    body.at(-1)?.id() === statement.id()
  );
}

/** Whether the value, or a variable the crashing statement declares, is read again later in the function. */
function usesAfter(site: RepairSite, chain: SgNode): boolean {
  const fn = functionOf(chain);
  const statement = statementOf(chain);
  if (fn === null || statement === null) return false;
  const rest = site.source.text.slice(spanOf(statement).end, spanOf(fn).end);
  const isRead = (name: string, after: string) => new RegExp(`(?<![\\w$.])${escaped(name)}${after}`).test(rest);
  if (/^[\w$.]+$/.test(site.subjectText) && isRead(site.subjectText, "(?:\\.|\\[)")) return true;
  const made = /_declaration$/.test(String(statement.kind()))
    ? statement.namedChildren().map((d) => d.field("name")?.text() ?? "")
    : [];
  return made.some((name) => /^[\w$]+$/.test(name) && isRead(name, "(?![\\w$])"));
}

/**
 * Whether the root object of the value is used later in the function. A loop iteration that goes on would use the
 * unexpected value.
 */
function restOfRound(site: RepairSite, chain: SgNode): boolean {
  const root = /^[\w$]+(?=[.[])/.exec(site.subjectText)?.[0];
  const fn = functionOf(chain);
  const statement = statementOf(chain);
  if (root === undefined || fn === null || statement === null) return false;
  return new RegExp(`(?<![\\w$.])${escaped(root)}(?![\\w$])`).test(
    site.source.text.slice(spanOf(statement).end, spanOf(fn).end),
  );
}

/** What a candidate says about itself. `hides` defaults to false. */
export interface Form {
  explanation: string;
  score: number;
  effect: string;
  hides?: boolean;
}

/** Builds a candidate of a template family. An empty `form` leaves the family name alone. */
export function candidate(guard: Pick<Guard, "family">, form: string, edits: Edit[], what: Form): Candidate {
  return {
    template: form === "" ? guard.family : `${guard.family}:${form}`,
    edits,
    explanation: what.explanation,
    score: what.score,
    hides: what.hides ?? false,
    effect: what.effect,
  };
}
