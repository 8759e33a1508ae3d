import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, dressed, functionOf, isMember, loopOf, operatorOf, same } from "../../../syntax/scriptNodes.ts";
import type { Form, Insertion } from "../dialect.ts";
import { isEmptyValue } from "./emptyValue.ts";
import { areRead, presenceCheck } from "./presence.ts";
import { COERCIONS, isDeclaredIn } from "./pureCalls.ts";

/** Parentheses alone change nothing. */
const parentheses: Form = (before, after) => {
  const [was, is] = [bareParentheses(before), bareParentheses(after)];
  if (was === before && is === after) return null;
  if (bareParentheses(before).kind() === "sequence_expression") return null;
  return { entry: "optionalAccess", effect: { kind: "none" }, pairs: [[was, is]] };
};

function bareParentheses(node: SgNode): SgNode {
  if (node.kind() !== "parenthesized_expression") return node;
  // The parentheses of `if (…)` belong to the statement.
  if (/^(?:if|while|do|switch|with)_/.test(String(node.parent()?.kind() ?? ""))) return node;
  const [inner] = node.namedChildren().filter((child) => child.kind() !== "comment");
  return inner === undefined ? node : bareParentheses(inner);
}

/** `a!` → `a`: the assertion is a note for the type checker and does nothing. */
const assertionDropped: Form = (before, after) => {
  if (before.kind() !== "non_null_expression" || after.kind() === "non_null_expression") return null;
  const inner = before.namedChildren()[0];
  return inner === undefined ? null : { entry: "optionalAccess", effect: { kind: "none" }, pairs: [[inner, after]] };
};

/** `x as T` → `x`, and the repair of it: a type does nothing when the program runs. */
const typeDropped: Form = (before, after) => {
  if (!/^(?:as|satisfies)_expression$/.test(String(before.kind()))) return null;
  if (/^(?:as|satisfies)_expression$/.test(String(after.kind()))) return null;
  const inner = before.namedChildren()[0];
  return inner === undefined ? null : { entry: "optionalAccess", effect: { kind: "none" }, pairs: [[inner, after]] };
};

/** `a.b` → `a?.b`, `a[b]` → `a?.[b]`, `a.b()` → `a.b?.()` for a callback. */
const optionalAccess: Form = (before, after) => {
  if (before.kind() !== after.kind()) return null;
  if (isMember(before)) {
    if (isOptional(before) || !isOptional(after)) return null;
    const [object, now] = [before.field("object"), after.field("object")];
    const [key, keyNow] = isDotted(before)
      ? [before.field("property"), after.field("property")]
      : [before.field("index"), after.field("index")];
    if (object === null || now === null || key === null || keyNow === null) return null;
    return {
      entry: "optionalAccess",
      effect: { kind: "value", node: after, subjects: [now] },
      pairs: [
        [object, now],
        [key, keyNow],
      ],
    };
  }
  if (before.kind() !== "call_expression" || isOptional(before) || !isOptional(after)) return null;
  const [callee, calleeNow] = [before.field("function"), after.field("function")];
  const [list, listNow] = [before.field("arguments"), after.field("arguments")];
  if (callee === null || calleeNow === null || list === null || listNow === null || !isCallback(calleeNow)) return null;
  return {
    entry: "optionalAccess",
    effect: { kind: "value", node: after, subjects: [calleeNow] },
    pairs: [
      [callee, calleeNow],
      [list, listNow],
    ],
  };
};

/** A callback is what the caller may leave out: to leave out its call loses nothing. */
function isCallback(callee: SgNode): boolean {
  return /^(?:on[A-Z]\w*|cb|callback|done|listener|handler)$/.test(/[\w$]+$/.exec(callee.text())?.[0] ?? "");
}

function isDotted(node: SgNode): boolean {
  return node.kind() === "member_expression";
}

function isOptional(node: SgNode): boolean {
  return node.children().some((child) => child.text() === "?.");
}

/** `x` → `x ?? []`, `x || ""`. */
const defaultValue: Form = (before, after) => {
  if (after.kind() !== "binary_expression" || !/^(?:\?\?|\|\|)$/.test(operatorOf(after))) return null;
  const [left, right] = [after.field("left"), after.field("right")];
  if (left === null || right === null || !isEmptyValue(right)) return null;
  return {
    entry: "defaultValue",
    effect: { kind: "value", node: after, subjects: [left] },
    pairs: [[before, left]],
  };
};

/** `x.y` → `x && x.y`, and `c` → `c && x` in a condition. */
const guardAnd: Form = (before, after) => {
  if (after.kind() !== "binary_expression" || operatorOf(after) !== "&&") return null;
  const [left, right] = [after.field("left"), after.field("right")];
  if (left === null || right === null) return null;
  const first = presenceCheck(left);
  if (first?.present === true && areRead(first.subjects, [right]))
    return {
      entry: "presenceGuard",
      effect: { kind: "value", node: after, subjects: first.subjects },
      pairs: [[before, right]],
    };
  const owner = dressed(after).parent();
  const guarded = owner?.field("consequence") ?? null;
  const last = presenceCheck(right);
  if (guarded === null || last?.present !== true || !areRead(last.subjects, [guarded])) return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: last.subjects },
    pairs: [[before, left]],
  };
};

/** `x.y` → `x ? x.y : null`. */
const guardChoice: Form = (before, after) => {
  if (after.kind() !== "ternary_expression") return null;
  const [condition, yes, no] = [after.field("condition"), after.field("consequence"), after.field("alternative")];
  const check = condition === null ? null : presenceCheck(condition);
  if (check === null || yes === null || no === null) return null;
  const [kept, empty] = check.present ? [yes, no] : [no, yes];
  if (!isEmptyValue(empty) || !areRead(check.subjects, [kept])) return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: check.subjects },
    pairs: [[before, kept]],
  };
};

/** `(a)` → `(a = [])`, `({ a })` → `({ a = [] } = {})`, also with types. */
const parameterDefault: Form = (before, after) => {
  const kind = String(after.kind());
  if (kind === "assignment_pattern" || kind === "object_assignment_pattern") {
    const [left, right] = kind === "assignment_pattern" ? [after.field("left"), after.field("right")] : ends(after);
    if (left === null || right === null || !isEmptyValue(right) || before.kind() === kind || !isInPattern(after))
      return null;
    return {
      entry: "defaultValue",
      effect: { kind: "value", node: left, subjects: [left] },
      pairs: [[before, left]],
    };
  }
  if (
    !/^(?:required|optional)_parameter$/.test(kind) ||
    !/^(?:required|optional)_parameter$/.test(String(before.kind()))
  )
    return null;
  const [was, is, value] = [before.field("pattern"), after.field("pattern"), after.field("value")];
  if (before.field("value") !== null || was === null || is === null || value === null || !isEmptyValue(value))
    return null;
  const [type, typeNow] = [before.field("type"), after.field("type")];
  if ((type === null) !== (typeNow === null)) return null;
  return {
    entry: "defaultValue",
    effect: { kind: "value", node: is, subjects: [is] },
    pairs: [[was, is], ...(type !== null && typeNow !== null ? [[type, typeNow] as const] : [])],
  };
};

function ends(node: SgNode): [SgNode | null, SgNode | null] {
  const [first, second] = node.namedChildren().filter((child) => child.kind() !== "comment");
  return [first ?? null, second ?? null];
}

function isInPattern(node: SgNode): boolean {
  return /^(?:formal_parameters|object_pattern|array_pattern|pair_pattern)$/.test(String(node.parent()?.kind() ?? ""));
}

/** `xs.reduce(f)` → `xs.reduce(f, 0)`. */
const initialValue: Form = (before, after) => {
  if (before.kind() !== "arguments" || after.kind() !== "arguments") return null;
  const name = after.parent()?.field("function")?.field("property")?.text() ?? "";
  const [was, is] = [argumentsIn(before), argumentsIn(after)];
  const [only, more] = was;
  const [kept, initial, rest] = is;
  if (!/^reduce(?:Right)?$/.test(name) || only === undefined || more !== undefined || kept === undefined) return null;
  if (initial === undefined || rest !== undefined || !isEmptyValue(initial)) return null;
  return { entry: "initialValue", effect: { kind: "none" }, pairs: [[only, kept]] };
};

function argumentsIn(list: SgNode): SgNode[] {
  return list.namedChildren().filter((child) => child.kind() !== "comment");
}

/** `include` → `includes`, `adress` → `address`. Whether the name may be corrected is judged with the exception. */
const correctedName: Form = (before, after) => {
  const kind = String(before.kind());
  if (kind !== after.kind() || !/^(?:identifier|property_identifier|shorthand_property_identifier)$/.test(kind))
    return null;
  const parent = after.parent();
  // A declaration, a parameter or a key gives a name; a correction reads one.
  if (
    parent === null ||
    /(?:declarator|declaration|parameters|pattern|definition|specifier|clause)$/.test(String(parent.kind()))
  )
    return null;
  if (
    parent.kind() === "pair" ||
    (parent.kind() === "arrow_function" && parent.field("parameter")?.id() === after.id())
  )
    return null;
  if (isWritten(after)) return null;
  const read = isMember(parent) && parent.field("property")?.id() === after.id() ? parent : after;
  const owner = dressed(read).parent();
  const called = owner?.kind() === "call_expression" && owner.field("function")?.id() === read.id();
  return {
    entry: "correctedName",
    effect: { kind: "name", from: before.text(), to: after.text(), called, node: after },
    pairs: [],
  };
};

function isWritten(name: SgNode): boolean {
  const read = isMember(name.parent() ?? name) ? (name.parent() ?? name) : name;
  const owner = dressed(read).parent();
  return (
    /^(?:assignment|augmented_assignment|update)_expression$/.test(String(owner?.kind() ?? "")) &&
    (owner?.field("left") ?? owner?.field("argument"))?.id() === dressed(read).id()
  );
}

/** `f(x)` → `await f(x)` in a function that is asynchronous already. */
const addedAwait: Form = (before, after) => {
  if (after.kind() !== "await_expression" || before.kind() === "await_expression") return null;
  const inner = after.namedChildren().find((child) => child.kind() !== "comment");
  const around = functionOf(after);
  if (inner === undefined || around === null || !around.children().some((child) => child.text() === "async"))
    return null;
  return { entry: "addedAwait", effect: { kind: "none" }, pairs: [[before, inner]] };
};

/** `x` → `String(x)`. */
const coercion: Form = (before, after) => {
  if (after.kind() !== "call_expression" || isOptional(after)) return null;
  const callee = after.field("function");
  const [only, more] = argumentsOf(after);
  if (callee === null || only === undefined || more !== undefined || !COERCIONS.has(callee.text())) return null;
  const root = /^[\w$]+/.exec(callee.text())?.[0] ?? "";
  if (isDeclaredIn(after, root)) return null;
  return {
    entry: "coercion",
    effect: { kind: "value", node: after, subjects: [only] },
    pairs: [[before, only]],
  };
};

/** `x` → `${x}` alone in a template. */
const textCoercion: Form = (before, after) => {
  if (after.kind() !== "template_string" || before.kind() === "template_string") return null;
  const [only, more] = after.namedChildren();
  const inner = only?.kind() === "template_substitution" && more === undefined ? only.namedChildren()[0] : undefined;
  if (inner === undefined || !/^`\$\{[\s\S]*\}`$/.test(after.text())) return null;
  return { entry: "coercion", effect: { kind: "value", node: after, subjects: [inner] }, pairs: [[before, inner]] };
};

/** `i <= xs.length` → `i < xs.length` in a loop that counts from 0 by 1 and reads `xs[i]`. */
const loopBound: Form = (before, after) => {
  if (before.kind() !== "binary_expression" || after.kind() !== "binary_expression") return null;
  if (operatorOf(before) !== "<=" || operatorOf(after) !== "<") return null;
  const [left, leftNow, right, rightNow] = [
    before.field("left"),
    after.field("left"),
    before.field("right"),
    after.field("right"),
  ];
  if (left === null || leftNow === null || right === null || rightNow === null) return null;
  const loop = loopOf(after);
  const list = /^(.+)\.length$/.exec(rightNow.text())?.[1];
  const counter = leftNow.text();
  if (loop?.kind() !== "for_statement" || list === undefined || !countsUp(loop, counter, after)) return null;
  const body = loop.field("body");
  const reads = body?.findAll({ rule: { kind: "subscript_expression" } }) ?? [];
  if (!reads.some((r) => r.field("object")?.text() === list && r.field("index")?.text() === counter)) return null;
  return {
    entry: "loopBound",
    effect: { kind: "none" },
    pairs: [
      [left, leftNow],
      [right, rightNow],
    ],
  };
};

function countsUp(loop: SgNode, counter: string, condition: SgNode): boolean {
  const begins = loop.field("initializer")?.text() ?? "";
  const step = loop.field("increment")?.text() ?? "";
  const whole = loop.field("condition");
  const isWhole =
    whole !== null &&
    (whole.id() === condition.id() || whole.find({ rule: { kind: "binary_expression" } })?.id() === condition.id());
  return (
    isWhole &&
    new RegExp(`^(?:let|var)\\s+${counter.replaceAll("$", "\\$")}\\s*=\\s*0\\b`).test(begins) &&
    [`${counter}++`, `++${counter}`, `${counter}+=1`].includes(step.replace(/\s+/g, ""))
  );
}

/** `x * 2;` → `return x * 2;` as the last statement of a function that returns nothing. */
const addedReturn: Form = (before, after) => {
  if (before.kind() !== "expression_statement" || after.kind() !== "return_statement") return null;
  const [was, is] = [before.namedChildren()[0], after.namedChildren()[0]];
  const around = functionOf(after);
  const body = around?.field("body") ?? null;
  const last = body?.namedChildren().findLast((child) => child.kind() !== "comment");
  if (was === undefined || is === undefined || around === null || last?.id() !== after.id()) return null;
  const returns = around.findAll({ rule: { kind: "return_statement" } });
  if (returns.some((one) => one.id() !== after.id() && functionOf(one)?.id() === around.id())) return null;
  if (/(?:assignment|update|yield|await)/.test(String(is.kind()))) return null;
  return { entry: "addedReturn", effect: { kind: "result", node: is }, pairs: [[was, is]] };
};

/** The forms that an expression or statement may take, in the order in which they are tried. */
/** `ticks` → `this.ticks` in a method. */
const ownMember: Form = (before, after) => {
  if (
    before.kind() !== "identifier" ||
    after.kind() !== "member_expression" ||
    after.field("object")?.kind() !== "this"
  )
    return null;
  const name = after.field("property");
  const around = after
    .ancestors()
    .find((a) => /^(?:method_definition|function_declaration|function_expression|function)$/.test(String(a.kind())));
  if (name === null || name.text() !== before.text() || around?.kind() !== "method_definition") return null;
  const owner = after.parent();
  if (/assignment_expression$/.test(String(owner?.kind())) && same(owner?.field("left") ?? null, after)) return null;
  return {
    entry: "correctedName",
    effect: {
      kind: "name",
      from: before.text(),
      to: `this.${name.text()}`,
      called: owner?.kind() === "call_expression" && same(owner.field("function"), after),
      node: after,
    },
    pairs: [],
  };
};

export const FORMS: readonly Form[] = [
  assertionDropped,
  typeDropped,
  optionalAccess,
  defaultValue,
  guardAnd,
  guardChoice,
  parameterDefault,
  initialValue,
  addedAwait,
  coercion,
  textCoercion,
  loopBound,
  addedReturn,
  ownMember,
  correctedName,
  parentheses,
];

/** `if (!x) return;` or `continue;` before the statements that read x. */
export const earlyReturn: Insertion = (statement, following) => {
  if (statement.kind() !== "if_statement" || statement.field("alternative") !== null) return null;
  const condition = statement.field("condition");
  const check = condition === null ? null : presenceCheck(condition);
  const leave = onlyStatement(statement.field("consequence"));
  if (check === null || check.present || leave === null || !areRead(check.subjects, following)) return null;
  const value = leave.namedChildren().find((child) => child.kind() !== "comment") ?? null;
  if (leave.kind() === "continue_statement") {
    if (value !== null || loopOf(statement) === null) return null;
  } else if (leave.kind() !== "return_statement" || (value !== null && !isEmptyValue(value))) return null;
  return {
    entry: "earlyReturn",
    effect: { kind: "leave", statement, value, subjects: check.subjects, leftOut: following },
  };
};

function onlyStatement(branch: SgNode | null): SgNode | null {
  if (branch === null || branch.kind() !== "statement_block") return branch;
  const [only, more] = branch.namedChildren().filter((child) => child.kind() !== "comment");
  return only !== undefined && more === undefined ? only : null;
}
