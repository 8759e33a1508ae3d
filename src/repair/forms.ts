import type { SgNode } from "@ast-grep/napi";
import { andTerm, type Guard, leaveBefore, orTerm, ternary, wrapStatement } from "./guard.ts";
import { leavesOf } from "./leave.ts";
import { functionOf, statementOf } from "./nodes.ts";
import type { Site } from "./site.ts";
import { type Slot, truthOfUndefined } from "./slot.ts";
import { spanOf } from "./source.ts";
import type { Candidate, Edit } from "./types.ts";

/** Every form in which a guard can stand before a chain, scored by what the place wants. */
export function guardForms(site: Site, chain: SgNode, slot: Slot, guard: Guard): Candidate[] {
  return [
    ...testForms(site, chain, slot, guard),
    ...statementForms(site, slot, guard),
    ...valueForms(site, slot, guard),
    ...leaveForms(site, chain, slot, guard),
  ];
}

/** How well an outcome of a condition fits what the place wants (and, where it wants nothing, what undefined gives by itself). */
export function testScore(slot: Slot & { kind: "test" }, outcome: boolean, natural: boolean | null): number {
  if (slot.wanted !== null) return outcome === slot.wanted ? 87 : 58;
  if (natural !== null) return outcome === natural ? 84 : 55;
  return outcome ? 50 : 77;
}

function testForms(site: Site, chain: SgNode, slot: Slot, guard: Guard): Candidate[] {
  if (slot.kind !== "test") return [];
  const natural = truthOfUndefined(slot.term, chain);
  return [
    candidate(guard, "and", [andTerm(site, slot.term, guard)], {
      explanation: `the condition asks first whether ${guard.words}; without it the answer is no`,
      score: testScore(slot, false, natural),
      effect: "test:false",
    }),
    candidate(guard, "or", [orTerm(site, slot.term, guard)], {
      explanation: `the condition asks first whether ${guard.words}; without it the answer is yes`,
      score: testScore(slot, true, natural),
      effect: "test:true",
    }),
  ];
}

function statementForms(site: Site, slot: Slot, guard: Guard): Candidate[] {
  const statement = slot.kind === "discard" ? slot.statement : assignmentOf(slot);
  if (statement === null) return [];
  const edit = wrapStatement(site, statement, guard);
  if (edit === null) return [];
  const only = isOnlyEffect(statement);
  return [
    candidate(guard, "statement", [edit], {
      explanation: `the statement runs only when ${guard.words}${only ? "; hides: it is all that the function does" : ""}`,
      score: slot.kind === "discard" ? (only ? 62 : 71) : 60,
      effect: "skip",
      hides: only,
    }),
  ];
}

function valueForms(site: Site, slot: Slot, guard: Guard): Candidate[] {
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

function leaveForms(site: Site, chain: SgNode, slot: Slot, guard: Guard): Candidate[] {
  const usedAgain = usesAfter(site, chain);
  return leavesOf(chain).flatMap((leave) => {
    const edit = leaveBefore(site, chain, guard, leave.text);
    if (edit === null) return [];
    const hides = leave.effect === "skip" || leave.support < 0.4;
    const score = 54 + 14 * leave.support + (usedAgain ? 6 : 0) - (slot.kind === "test" ? 12 : 0);
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

/** What a `return a.b.c` could give instead: what the function's other returns give. */
function returned(holder: SgNode): string[] {
  const texts = leavesOf(holder)
    .filter((l) => l.effect.startsWith("return:") && l.support >= 0.4)
    .map((l) => l.effect.slice("return:".length));
  return texts.length === 0 ? ["undefined"] : texts.slice(0, 2);
}

function assignmentOf(slot: Slot): SgNode | null {
  if (slot.kind !== "value" || slot.of !== "assignment") return null;
  const statement = statementOf(slot.holder);
  return statement?.kind() === "expression_statement" ? statement : null;
}

/** Whether the statement is the last thing of a function that returns nothing: without it the function does nothing. */
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

/** Whether the value is used again further down in the function. */
function usesAfter(site: Site, chain: SgNode): boolean {
  const fn = functionOf(chain);
  const name = site.subjectText;
  if (fn === null || !/^[\w$.]+$/.test(name)) return false;
  const statement = statementOf(chain);
  const from = statement === null ? spanOf(chain).end : spanOf(statement).end;
  const rest = site.source.text.slice(from, spanOf(fn).end);
  return new RegExp(`(?<![\\w$.])${name.replace(/[.$]/g, "\\$&")}(?:\\.|\\[)`).test(rest);
}

export interface Form {
  explanation: string;
  score: number;
  effect: string;
  hides?: boolean;
}

/** Puts a candidate together. */
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
