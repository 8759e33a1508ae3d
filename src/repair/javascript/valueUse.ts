import type { SgNode } from "@ast-grep/napi";
import { dressed, exits, isFunction, operatorOf, same } from "../../syntax/scriptNodes.ts";

/** How the value of an expression is used. The use decides which guard keeps the meaning. */
export type ValueUse =
  /** The value is unused: a call for its side effect. */
  | { kind: "discard"; statement: SgNode }
  /**
   * The value decides a condition. `wanted`: the outcome that does no harm (null: unknown). `rejects`: the true branch
   * rejects the input.
   */
  | { kind: "test"; term: SgNode; wanted: boolean | null; rejects: boolean }
  /** The value is iterated: for…of, spread, first argument of Object.keys and similar. */
  | { kind: "iterate"; holder: SgNode }
  | { kind: "value"; holder: SgNode; of: "return" | "declaration" | "assignment" | "argument" | "operand" | "other" };

const COMPARISONS = /^(?:[=!]==?|[<>]=?|in|instanceof)$/;
const LOGICAL = /^(?:&&|\|\|)$/;
const PREDICATE_TAKERS = /\.(?:filter|some|find|findIndex|findLast|findLastIndex|every)$/;
const PREDICATE_NAME = /^(?:is|has|can|should|needs|contains|includes|supports|matches|allows|was|does|uses)[A-Z_]/;

/** How the value of a chain is used. */
export function valueUseOf(chain: SgNode): ValueUse {
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
    } else if (kind === "unary_expression" && (operator === "!" || operator === "typeof")) {
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

function test(term: SgNode, owner: SgNode): ValueUse {
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
  const rejects = !flipped && parent?.kind() === "if_statement" && isRejection(parent.field("consequence"));
  return { kind: "test", term, wanted: wanted === null ? null : wanted !== flipped, rejects };
}

/** The outcome of a whole condition that does no harm: it exits early, or skips the work. */
function wantedAt(owner: SgNode, condition: SgNode): boolean | null {
  const kind = String(owner.kind());
  if (kind === "if_statement") {
    if (isRejection(owner.field("consequence"))) return true;
    const way = bailValue(owner.field("consequence"));
    if (way === "nothing") return true;
    return owner.field("alternative") === null || way === "something" ? false : null;
  }
  if (kind === "while_statement" || kind === "for_statement") return false;
  if (kind === "expression_statement") return null;
  if (kind === "arrow_function" && same(owner.field("body"), condition)) return isPredicate(owner) ? false : null;
  return null;
}

const REJECTS =
  /(?<![a-z])(?:abort|reject|fail|deny|denied|refuse|forbid|destroy|throw|invalid|illegal|malformed|unauthorized|error)(?![a-z]*\.(?:push|concat))/i;

/** Whether a branch rejects the input: it throws, or exits after reporting an error. */
function isRejection(branch: SgNode | null): boolean {
  const statements = branch?.kind() === "statement_block" ? branch.namedChildren() : branch === null ? [] : [branch];
  const last = statements.findLast((n) => n.kind() !== "comment");
  if (last === undefined || branch === null) return false;
  if (last.kind() === "throw_statement") return true;
  return exits(last) && branch.has({ rule: { kind: "call_expression" } }) && REJECTS.test(branch.text());
}

/** Whether a branch only exits: with an empty value (`return`, `continue`, `return false`), or with a result. */
function bailValue(branch: SgNode | null): "nothing" | "something" | null {
  const statements =
    branch?.kind() === "statement_block" ? branch.namedChildren().filter((n) => n.kind() !== "comment") : [branch];
  const [only] = statements;
  if (statements.length !== 1 || only === undefined || only === null || !exits(only)) return null;
  const value =
    only.kind() === "return_statement" ? only.namedChildren().find((n) => n.kind() !== "comment") : undefined;
  if (value === undefined) return "nothing";
  return /^(?:undefined|null|false|\[\]|\{\}|''|""|void 0|0|-1)$/.test(value.text()) || value.kind() === "identifier"
    ? "nothing"
    : "something";
}

function isCondition(parent: SgNode | null, node: SgNode): boolean {
  if (parent === null) return false;
  // The parentheses of `if (…)` belong to the statement.
  if (parent.kind() === "parenthesized_expression") return isCondition(parent.parent(), parent);
  const kind = String(parent.kind());
  if (!/^(?:if_statement|while_statement|do_statement|for_statement|ternary_expression)$/.test(kind)) return false;
  return same(parent.field("condition"), node);
}

/** Whether the value of the call itself is tested. */
function leadsToTest(call: SgNode | null): boolean {
  if (call === null || call.kind() !== "call_expression") return false;
  const slot = valueUseOf(call);
  return slot.kind === "test";
}

function isPredicate(arrow: SgNode): boolean {
  const taker = dressed(arrow).parent()?.parent();
  return taker?.kind() === "call_expression" && PREDICATE_TAKERS.test(taker.field("function")?.text() ?? "");
}

function valueSlot(node: SgNode, parent: SgNode, compared: boolean): ValueUse {
  const kind = String(parent.kind());
  if (kind === "arrow_function" && same(parent.field("body"), node)) {
    if (isPredicate(parent) || compared) {
      return { kind: "test", term: node, wanted: isPredicate(parent) ? false : null, rejects: false };
    }
    return { kind: "value", holder: node, of: "return" };
  }
  if (kind === "return_statement") {
    const fn = parent.ancestors().find(isFunction);
    const named = PREDICATE_NAME.test(fn?.field("name")?.text() ?? "");
    if (compared || named) return { kind: "test", term: node, wanted: null, rejects: false };
    return { kind: "value", holder: node, of: "return" };
  }
  if (compared) return { kind: "test", term: node, wanted: null, rejects: false };
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
