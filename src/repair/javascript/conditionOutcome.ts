import type { SgNode } from "@ast-grep/napi";
import { bare, chainOf, operatorOf, same } from "../../syntax/scriptNodes.ts";
import type { RepairSite } from "./repairSite.ts";
import { valueUseOf } from "./valueUse.ts";

/** How a condition treats a missing value. */
export interface ConditionOutcome {
  /**
   * plain: truthiness, or an equality with something; notEqual: `!== x`; absent: `=== -1`, `< 1`; found: `!== -1`;
   * unknown: passed to a call.
   */
  kind: "plain" | "notEqual" | "absent" | "found" | "unknown";
  /** The outcome of the term when the value is undefined, evaluated as JavaScript does; null when unknown. */
  natural: boolean | null;
}

type Value = boolean | "undefined" | "unknown";

/**
 * Evaluates a term for a missing value. `chain` is the access in it that crashed, or null when the value was passed to
 * a call. `subject` is the text of the missing value.
 */
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

/**
 * The effect that `?.` has at the site, and the effect of an empty object as default: what JavaScript computes from
 * undefined.
 */
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

/** JavaScript's result when the missing value, and everything read from it, is undefined. */
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
  // The other operand could be undefined too if it is not a literal. That is rare, so this assumes it is not.
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
 * How often a maintainer chooses this outcome of the condition when the value is missing. The default is the outcome
 * that JavaScript itself gives. If the test asks for absence or difference, the harmless outcome (`wanted`) decides.
 * The numbers were fitted to guards that were removed from published packages.
 */
export function outcomeScore(
  reading: ConditionOutcome,
  outcome: boolean,
  wanted: boolean | null,
  rejects = false,
): number {
  // The condition rejects input. Whether a missing value should pass or fail such a check is about equally likely.
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
