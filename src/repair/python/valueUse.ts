import type { SgNode } from "@ast-grep/napi";

/** How the value of an expression is used. */
export type PythonValueUse =
  | { kind: "discard"; statement: SgNode }
  /** `natural`: the term's result when the value is None. `rejects`: the branch raises. */
  | { kind: "test"; term: SgNode; natural: boolean; rejects: boolean }
  /** The left operand of `or`, which gives its other operand when the value is empty. */
  | { kind: "defaulted"; value: SgNode }
  | { kind: "value"; value: SgNode; of: "return" | "assignment" | "other" };

/** The whole chain of attributes, subscripts and calls that starts with the node. */
export function pythonChain(node: SgNode): SgNode {
  let top = node;
  for (;;) {
    const parent = top.parent();
    const held = parent?.field("object") ?? parent?.field("value") ?? parent?.field("function");
    if (parent === null || !/^(?:attribute|subscript|call)$/.test(String(parent.kind())) || held?.id() !== top.id())
      return top;
    top = parent;
  }
}

/** How the value of a chain is used. */
export function pythonValueUse(chain: SgNode): PythonValueUse {
  let node = chain;
  let natural = false;
  let compared = false;
  for (;;) {
    const parent = node.parent();
    if (parent === null) return { kind: "value", value: node, of: "other" };
    const kind = String(parent.kind());
    if (kind === "comparison_operator") {
      natural = ofComparison(parent, node);
      compared = true;
    } else if (kind === "not_operator") {
      natural = !natural;
      compared = true;
    } else if (isCondition(parent, node)) return { kind: "test", term: node, natural, rejects: raises(parent) };
    else if (kind === "boolean_operator") {
      if (compared || isTested(parent)) return { kind: "test", term: node, natural, rejects: false };
      const isLeft = parent.field("left")?.id() === node.id();
      return isLeft && parent.field("operator")?.text() === "or"
        ? { kind: "defaulted", value: node }
        : { kind: "value", value: node, of: "other" };
    } else if (kind !== "parenthesized_expression") {
      return compared ? { kind: "test", term: node, natural, rejects: false } : valueSlot(node, parent);
    }
    node = parent;
  }
}

function valueSlot(value: SgNode, parent: SgNode): PythonValueUse {
  if (parent.kind() === "expression_statement") return { kind: "discard", statement: parent };
  if (parent.kind() === "return_statement") return { kind: "value", value, of: "return" };
  const isAssignment = parent.kind() === "assignment" && parent.field("right")?.id() === value.id();
  return { kind: "value", value, of: isAssignment ? "assignment" : "other" };
}

function ofComparison(comparison: SgNode, node: SgNode): boolean {
  const [left, right] = comparison.namedChildren();
  const other = left?.id() === node.id() ? right : left;
  const operator = comparison
    .children()
    .filter((c) => !c.isNamed())
    .map((c) => c.text())
    .join(" ");
  const isNone = other?.text() === "None";
  return /^(?:==|is)$/.test(operator) ? isNone : /^(?:!=|is not)$/.test(operator) ? !isNone : operator === "not in";
}

function isCondition(parent: SgNode, node: SgNode): boolean {
  const kind = String(parent.kind());
  if (kind === "if_clause") return true;
  if (kind === "conditional_expression") return parent.namedChildren()[1]?.id() === node.id();
  return /^(?:if_statement|elif_clause|while_statement)$/.test(kind) && parent.field("condition")?.id() === node.id();
}

function isTested(operator: SgNode): boolean {
  const parent = operator.parent();
  if (parent === null) return false;
  const inner = /^(?:parenthesized_expression|boolean_operator|not_operator)$/.test(String(parent.kind()));
  return inner ? isTested(parent) : isCondition(parent, operator);
}

function raises(owner: SgNode): boolean {
  return owner.field("consequence")?.namedChildren().at(-1)?.kind() === "raise_statement";
}

/** The innermost simple or compound statement around a node; null outside of every block. */
export function pythonStatement(node: SgNode): SgNode | null {
  return (
    [node, ...node.ancestors()].find((n) => n.parent()?.kind() === "block" || n.parent()?.kind() === "module") ?? null
  );
}

const LITERAL = /^(?:None|True|False|-?\d+(?:\.\d+)?|""|''|\[\]|\{\}|set\(\)|\(\)|"[^"\n]*"|'[^'\n]*')$/;

/**
 * How the function returns early elsewhere: `return 0`; in a loop also `continue`. Returns inside an `if` come first.
 */
export function pythonLeaves(node: SgNode): { text: string; effect: string; early: boolean }[] {
  const around = node.ancestors();
  const end = around.findIndex((n) => n.kind() === "function_definition" || n.kind() === "lambda");
  const fn = around[end];
  const inner = around.slice(0, end < 0 ? around.length : end);
  const loop = inner.some((n) => n.kind() === "for_statement" || n.kind() === "while_statement");
  const leaves = loop ? [{ text: "continue", effect: "continue", early: true }] : [];
  if (fn === undefined || fn.kind() !== "function_definition") return leaves;
  const returns = fn.findAll({ rule: { kind: "return_statement" } });
  const literals = returns.flatMap((r) => {
    const value = r.namedChildren()[0]?.text() ?? "None";
    const early =
      r
        .ancestors()
        .find((n) => n.kind() === "if_statement" || n.kind() === "function_definition")
        ?.kind() === "if_statement";
    return LITERAL.test(value) ? [{ text: `return ${value}`, effect: `return:${value}`, early }] : [];
  });
  const distinct = literals.filter((one, i) => literals.findIndex((other) => other.text === one.text) === i);
  return [...leaves, ...distinct.sort((a, b) => Number(b.early) - Number(a.early))];
}
