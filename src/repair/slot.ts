import type { SgNode } from "@ast-grep/napi";
import { bare, dressed, exits, isFunction, operatorOf, same } from "./nodes.ts";

/** How the value of an expression is used: what decides which guard keeps the meaning. */
export type Slot =
  /** Nobody looks at it: a call for its effect. */
  | { kind: "discard"; statement: SgNode }
  /** It decides something. `wanted`: the truth that takes the harmless way (null: cannot be told). */
  | { kind: "test"; term: SgNode; wanted: boolean | null; negated: boolean }
  /** It is walked through: for…of, spread, first argument of Object.keys and the like. */
  | { kind: "iterate"; holder: SgNode }
  | { kind: "value"; holder: SgNode; of: "return" | "declaration" | "assignment" | "argument" | "operand" | "other" };

const COMPARISONS = /^(?:[=!]==?|[<>]=?|in|instanceof)$/;
const LOGICAL = /^(?:&&|\|\|)$/;
const PREDICATE_TAKERS = /\.(?:filter|some|find|findIndex|findLast|findLastIndex|every)$/;
const PREDICATE_NAME = /^(?:is|has|can|should|needs|contains|includes|supports|matches|allows|was|does|uses)[A-Z_]/;

/** Where the value of a chain goes. */
export function slotOf(chain: SgNode): Slot {
  let node = dressed(chain);
  let compared = false;
  for (;;) {
    const parent = node.parent();
    if (parent === null) return { kind: "value", holder: node, of: "other" };
    const kind = String(parent.kind());
    const operator = operatorOf(parent);
    if (kind === "await_expression" || (kind === "unary_expression" && operator === "void")) {
      node = dressed(parent);
    } else if (kind === "expression_statement") {
      return { kind: "discard", statement: parent };
    } else if (kind === "binary_expression" && LOGICAL.test(operator)) {
      return test(node, parent);
    } else if (kind === "unary_expression" && operator === "!") {
      compared = true;
      node = dressed(parent);
    } else if (kind === "binary_expression" && COMPARISONS.test(operator)) {
      compared = true;
      node = dressed(parent);
    } else if (isCondition(parent, node)) {
      return test(node, parent);
    } else if (kind === "arguments" && leadsToTest(parent.parent())) {
      node = dressed(parent.parent() ?? parent);
      compared = true;
    } else {
      return valueSlot(node, parent, compared);
    }
  }
}

/**
 * What the term becomes when the chain in it gives undefined: true, false, or null when that cannot be told.
 * `a.b === 1` is false, `!a.b` true, `f(a.b)` unknown.
 */
export function truthOfUndefined(term: SgNode, chain: SgNode): boolean | null {
  const value = undefinedIn(term, chain);
  return value === "unknown" ? null : value === "undefined" ? false : value;
}

function undefinedIn(node: SgNode, chain: SgNode): boolean | "undefined" | "unknown" {
  if (same(node, chain)) return "undefined";
  const inner = bare(node);
  if (same(inner, chain)) return "undefined";
  if (inner.kind() === "await_expression") return undefinedIn(inner.namedChildren()[0] ?? inner, chain);
  if (inner.kind() === "unary_expression" && operatorOf(inner) === "!") {
    const value = undefinedIn(inner.field("argument") ?? inner, chain);
    return value === "unknown" ? value : value === "undefined" ? true : !value;
  }
  if (inner.kind() !== "binary_expression") return "unknown";
  const operator = operatorOf(inner);
  const left = inner.field("left");
  const right = inner.field("right");
  if (left === null || right === null) return "unknown";
  const other =
    undefinedIn(left, chain) === "undefined" ? right : undefinedIn(right, chain) === "undefined" ? left : null;
  if (other === null) return "unknown";
  const nullish = /^(?:undefined|null|void 0)$/.test(other.text());
  // A comparison with something that is not a literal could be with undefined; that is rare enough to bet against.
  if (operator === "===") return other.text() === "undefined" || other.text() === "void 0";
  if (operator === "!==") return !(other.text() === "undefined" || other.text() === "void 0");
  if (operator === "==") return nullish;
  if (operator === "!=") return !nullish;
  return /^(?:[<>]=?|instanceof)$/.test(operator) ? false : "unknown";
}

function test(term: SgNode, owner: SgNode): Slot {
  let node = term;
  let parent: SgNode | null = owner;
  let flipped = false;
  while (parent !== null && !isCondition(parent, node)) {
    const kind = String(parent.kind());
    const isNot = kind === "unary_expression" && operatorOf(parent) === "!";
    const isLogical = kind === "binary_expression" && LOGICAL.test(operatorOf(parent));
    if (!isNot && !isLogical && kind !== "parenthesized_expression") break;
    if (isNot) flipped = !flipped;
    node = parent;
    parent = parent.parent();
  }
  if (parent?.kind() === "parenthesized_expression") parent = parent.parent();
  const wanted = parent === null ? null : wantedAt(parent, node);
  return { kind: "test", term, wanted: wanted === null ? null : wanted !== flipped, negated: flipped };
}

/** The outcome of a whole condition that does no harm: leave early, or skip the work. */
function wantedAt(owner: SgNode, condition: SgNode): boolean | null {
  const kind = String(owner.kind());
  if (kind === "if_statement") {
    if (exits(owner.field("consequence"))) return true;
    return owner.field("alternative") === null ? false : null;
  }
  if (kind === "while_statement" || kind === "for_statement") return false;
  if (kind === "expression_statement") return null;
  if (kind === "arrow_function" && same(owner.field("body"), condition)) return isPredicate(owner) ? false : null;
  return null;
}

function isCondition(parent: SgNode | null, node: SgNode): boolean {
  if (parent === null) return false;
  // The parentheses of `if (…)` belong to the statement.
  if (parent.kind() === "parenthesized_expression") return isCondition(parent.parent(), parent);
  const kind = String(parent.kind());
  if (!/^(?:if_statement|while_statement|do_statement|for_statement|ternary_expression)$/.test(kind)) return false;
  return same(parent.field("condition"), node);
}

/** Whether a call's own value is tested. */
function leadsToTest(call: SgNode | null): boolean {
  if (call === null || call.kind() !== "call_expression") return false;
  const slot = slotOf(call);
  return slot.kind === "test";
}

function isPredicate(arrow: SgNode): boolean {
  const taker = dressed(arrow).parent()?.parent();
  return taker?.kind() === "call_expression" && PREDICATE_TAKERS.test(taker.field("function")?.text() ?? "");
}

function valueSlot(node: SgNode, parent: SgNode, compared: boolean): Slot {
  const kind = String(parent.kind());
  if (kind === "arrow_function" && same(parent.field("body"), node)) {
    if (isPredicate(parent) || compared) {
      return { kind: "test", term: node, wanted: isPredicate(parent) ? false : null, negated: false };
    }
    return { kind: "value", holder: node, of: "return" };
  }
  if (kind === "return_statement") {
    const fn = parent.ancestors().find(isFunction);
    const named = PREDICATE_NAME.test(fn?.field("name")?.text() ?? "");
    if (compared || named) return { kind: "test", term: node, wanted: null, negated: false };
    return { kind: "value", holder: node, of: "return" };
  }
  if (compared) return { kind: "test", term: node, wanted: null, negated: false };
  if (kind === "for_in_statement" || kind === "spread_element") return { kind: "iterate", holder: node };
  if (kind === "variable_declarator") return { kind: "value", holder: node, of: "declaration" };
  if (kind === "assignment_expression") return { kind: "value", holder: node, of: "assignment" };
  if (kind === "arguments") {
    const callee = parent.parent()?.field("function")?.text() ?? "";
    if (/^Object\.(?:keys|values|entries)$/.test(callee)) return { kind: "iterate", holder: node };
    return { kind: "value", holder: node, of: "argument" };
  }
  if (/^(?:binary_expression|augmented_assignment_expression|template_substitution)$/.test(kind)) {
    return { kind: "value", holder: node, of: "operand" };
  }
  return { kind: "value", holder: node, of: "other" };
}
