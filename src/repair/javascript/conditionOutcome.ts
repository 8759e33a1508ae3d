import type { SgNode } from "@ast-grep/napi";
import type { RepairSite } from "./repairSite.ts";
import { bare, chainOf, operatorOf, same } from "./syntaxNodes.ts";
import { valueUseOf } from "./valueUse.ts";

/** What a condition makes of a value that is missing. */
export interface ConditionOutcome {
  /** plain: its truth, or an equality with something; notEqual: `!== x`; absent: `=== -1`, `< 1`; found: `!== -1`; unknown: passed to a call. */
  kind: "plain" | "notEqual" | "absent" | "found" | "unknown";
  /** The outcome of the term when the value is undefined, evaluated as JavaScript does; null when that cannot be told. */
  natural: boolean | null;
}

type Value = boolean | "undefined" | "unknown";

/** Reads a term: `chain` is the access in it that crashed (null: a call that was given the value), `subject` the text of what was missing. */
export function conditionOutcomeOf(term: SgNode, chain: SgNode | null, subject: string): ConditionOutcome {
  const value = evaluate(term, { chain, subject });
  const natural = value === "unknown" ? null : value === "undefined" ? false : value;
  let inner = bare(term);
  let flipped = false;
  while (inner.kind() === "unary_expression" && operatorOf(inner) === "!") {
    flipped = !flipped;
    inner = bare(inner.field("argument") ?? inner);
  }
  const kind = comparisonKind(inner);
  if (natural === null) return { kind: "unknown", natural };
  if (flipped && kind === "plain" && inner.kind() === "binary_expression" && /^={2,3}$/.test(operatorOf(inner))) {
    return { kind: "notEqual", natural };
  }
  return { kind: flipped ? "plain" : kind, natural };
}

/** What the crashing read gives where its value is undefined, as JavaScript goes on with it: the effect of `?.`, and of an empty object as the default. */
export function naturalEffect(site: Pick<RepairSite, "node" | "subjectText">): string {
  const chain = chainOf(site.node);
  const slot = valueUseOf(chain);
  if (slot.kind === "discard") return "skip";
  if (slot.kind !== "test") return "value:undefined";
  const { natural } = conditionOutcomeOf(slot.term, chain, site.subjectText);
  return natural === null ? "test:passed on" : `test:${natural}`;
}

function comparisonKind(node: SgNode): ConditionOutcome["kind"] {
  if (node.kind() !== "binary_expression") return "plain";
  const operator = operatorOf(node);
  const right = node.field("right")?.text() ?? "";
  const minusOne = right === "-1";
  if (/^!==?$/.test(operator)) return minusOne ? "found" : "notEqual";
  if (/^===?$/.test(operator)) return minusOne || /^(?:0|null|undefined|false|''|"")$/.test(right) ? "absent" : "plain";
  return /^<=?$/.test(operator) ? "absent" : "plain";
}

interface Missing {
  chain: SgNode | null;
  subject: string;
}

/** JavaScript's result where the missing value (and whatever is read of it) is undefined. */
function evaluate(node: SgNode, missing: Missing): Value {
  const inner = bare(node);
  if (same(inner, missing.chain) || isReadOf(inner, missing.subject)) return "undefined";
  if (inner.kind() === "await_expression") return evaluate(inner.namedChildren()[0] ?? inner, missing);
  if (inner.kind() === "unary_expression" && operatorOf(inner) === "!") {
    const value = evaluate(inner.field("argument") ?? inner, missing);
    return value === "unknown" ? value : value === "undefined" ? true : !value;
  }
  return inner.kind() === "binary_expression" ? evaluateBinary(inner, missing) : "unknown";
}

function isReadOf(node: SgNode, subject: string): boolean {
  const text = node.text();
  if (!/^(?:member|subscript|call)_expression$|^identifier$/.test(String(node.kind()))) return false;
  return (
    text === subject || ((text.startsWith(`${subject}.`) || text.startsWith(`${subject}[`)) && !text.includes(" "))
  );
}

function evaluateBinary(node: SgNode, missing: Missing): Value {
  const operator = operatorOf(node);
  const left = node.field("left");
  const right = node.field("right");
  if (left === null || right === null) return "unknown";
  const a = evaluate(left, missing);
  const b = evaluate(right, missing);
  if (operator === "&&") return isFalse(a) || isFalse(b) ? false : a === true && b === true ? true : "unknown";
  if (operator === "||") return a === true || b === true ? true : isFalse(a) && isFalse(b) ? false : "unknown";
  const other = a === "undefined" ? right : b === "undefined" ? left : null;
  if (other === null) return "unknown";
  const isUndefined = other.text() === "undefined" || other.text() === "void 0";
  // A comparison with something that is not a literal could be with undefined too; that is rare enough to bet against.
  if (operator === "===") return isUndefined;
  if (operator === "!==") return !isUndefined;
  if (operator === "==") return isUndefined || other.text() === "null";
  if (operator === "!=") return !(isUndefined || other.text() === "null");
  return /^(?:[<>]=?|instanceof)$/.test(operator) ? false : "unknown";
}

function isFalse(value: Value): boolean {
  return value === false || value === "undefined";
}

/**
 * How often an outcome of the condition is the one a maintainer chooses when the value is missing. What JavaScript gives
 * by itself is the rule; where the test asks for absence or difference, the harmless way (`wanted`) decides.
 * The numbers were fitted to guards taken out of published packages.
 */
export function outcomeScore(
  reading: ConditionOutcome,
  outcome: boolean,
  wanted: boolean | null,
  rejects = false,
): number {
  // A check that turns input down: that a missing value passes it is no more likely than that it does not.
  if (rejects && reading.kind === "plain" && reading.natural === false) return outcome ? 74 : 78;
  switch (reading.kind) {
    case "found":
      return outcome ? 50 : 87;
    case "notEqual":
      if (wanted === null) return outcome ? 76 : 83;
      return outcome === wanted ? 86 : 64;
    case "absent":
      if (wanted === null) return outcome === reading.natural ? 79 : 72;
      return outcome === wanted ? 86 : 62;
    case "plain":
      if (outcome === reading.natural) return 86;
      return outcome === wanted ? 72 : 56;
    case "unknown":
      if (wanted === true) return outcome ? 78 : 72;
      return outcome ? 50 : 77;
  }
}
