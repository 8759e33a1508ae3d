import type { SgNode } from "@ast-grep/napi";
import { same } from "../../../syntax/scriptNodes.ts";
import type { Form, Insertion } from "../dialect.ts";
import { areRead, argumentsOf, bare, calleeName, functionOf, isBinder, isBound, isEmptyValue, parts } from "./nodes.ts";
import { presenceCheck } from "./presence.ts";
import { COERCIONS } from "./pureCalls.ts";

const parentheses: Form = (before, after) => {
  const [was, is] = [bare(before), bare(after)];
  if (same(was, before) && same(is, after)) return null;
  return { entry: "optionalAccess", effect: { kind: "none" }, pairs: [[was, is]] };
};

/** `d[k]` → `d.get(k)`, with or without an empty default. */
const itemToGet: Form = (before, after) => {
  if (before.kind() !== "subscript" || after.kind() !== "call") return null;
  const [value, key, more] = parts(before);
  const callee = after.field("function");
  const [keyNow, fallback, rest] = argumentsOf(after);
  const object = callee?.field("object") ?? null;
  if (value === undefined || key === undefined || more !== undefined || key.kind() === "slice") return null;
  if (callee?.field("attribute")?.text() !== "get" || object === null || keyNow === undefined || rest !== undefined)
    return null;
  if (fallback !== undefined && !isEmptyValue(fallback)) return null;
  return {
    entry: "optionalAccess",
    effect: { kind: "value", node: after, subjects: [] },
    pairs: [
      [value, object],
      [key, keyNow],
    ],
  };
};

/** `x.a` → `getattr(x, "a", None)`. */
const attributeToGetattr: Form = (before, after) => {
  if (
    before.kind() !== "attribute" ||
    after.kind() !== "call" ||
    calleeName(after) !== "getattr" ||
    isBound(after, "getattr")
  )
    return null;
  const [object, name, fallback, rest] = argumentsOf(after);
  const was = before.field("object");
  if (object === undefined || name === undefined || fallback === undefined || rest !== undefined || was === null)
    return null;
  if (
    name.text().slice(1, -1) !== before.field("attribute")?.text() ||
    !/^["']\w+["']$/.test(name.text()) ||
    !isEmptyValue(fallback)
  )
    return null;
  return {
    entry: "optionalAccess",
    effect: { kind: "value", node: after, subjects: [object] },
    pairs: [[was, object]],
  };
};

/** `d.get(k)` → `d.get(k, "")`, `next(xs)` → `next(xs, None)`, `max(xs)` → `max(xs, default=0)`. */
const defaultArgument: Form = (before, after) => {
  if (before.kind() !== "argument_list" || after.kind() !== "argument_list") return null;
  const call = after.parent();
  const [was, is] = [parts(before), parts(after)];
  const added = is.at(-1);
  if (call === null || added === undefined || is.length !== was.length + 1) return null;
  const name = /\w+$/.exec(calleeName(call))?.[0] ?? "";
  const named = added.kind() === "keyword_argument";
  const value = named ? added.field("value") : added;
  const fits = named
    ? /^(?:max|min)$/.test(calleeName(call)) && added.field("name")?.text() === "default"
    : (/^(?:get|pop)$/.test(name) && calleeName(call).includes(".") && was.length === 1) ||
      (calleeName(call) === "next" && was.length === 1) ||
      (calleeName(call) === "getattr" && was.length === 2);
  if (!fits || value === null || !isEmptyValue(value)) return null;
  return {
    entry: named ? "initialValue" : "defaultValue",
    effect: { kind: "value", node: call, subjects: [] },
    pairs: was.map((one, i) => [one, is[i] ?? one] as const),
  };
};

/** `x` → `x or []`. */
const defaultValue: Form = (before, after) => {
  if (after.kind() !== "boolean_operator" || after.field("operator")?.text() !== "or") return null;
  const [left, right] = [after.field("left"), after.field("right")];
  if (left === null || right === null || !isEmptyValue(right)) return null;
  return { entry: "defaultValue", effect: { kind: "value", node: after, subjects: [left] }, pairs: [[before, left]] };
};

/** `x.y` → `x and x.y`. */
const guardAnd: Form = (before, after) => {
  if (after.kind() !== "boolean_operator" || after.field("operator")?.text() !== "and") return null;
  const [left, right] = [after.field("left"), after.field("right")];
  const check = left === null ? null : presenceCheck(left);
  if (right === null || check?.present !== true || !areRead(check.subjects, [right])) return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: check.subjects },
    pairs: [[before, right]],
  };
};

/** `x.y` → `x.y if x else None`. */
const guardChoice: Form = (before, after) => {
  if (after.kind() !== "conditional_expression") return null;
  const [yes, condition, no] = parts(after);
  const check = condition === undefined ? null : presenceCheck(condition);
  if (check === null || yes === undefined || no === undefined) return null;
  const [kept, empty] = check.present ? [yes, no] : [no, yes];
  if (!isEmptyValue(empty) || !areRead(check.subjects, [kept])) return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: check.subjects },
    pairs: [[before, kept]],
  };
};

/** `def f(a)` → `def f(a=None)`. */
const parameterDefault: Form = (before, after) => {
  const kind = String(after.kind());
  if (!/^(?:typed_)?default_parameter$/.test(kind)) return null;
  const [name, value] = [after.field("name"), after.field("value")];
  if (name === null || value === null || !isEmptyValue(value)) return null;
  const effect = { kind: "value", node: name, subjects: [name] } as const;
  if (kind === "default_parameter" && before.kind() === "identifier")
    return { entry: "defaultValue", effect, pairs: [[before, name]] };
  const [was, type, typeNow] = [parts(before)[0], before.field("type"), after.field("type")];
  if (before.kind() !== "typed_parameter" || was === undefined || type === null || typeNow === null) return null;
  return {
    entry: "defaultValue",
    effect,
    pairs: [
      [was, name],
      [type, typeNow],
    ],
  };
};

const addedAwait: Form = (before, after) => {
  if (after.kind() !== "await" || before.kind() === "await") return null;
  const [inner] = parts(after);
  const around = functionOf(after);
  if (inner === undefined || around === null || !around.children().some((child) => child.text() === "async"))
    return null;
  return { entry: "addedAwait", effect: { kind: "none" }, pairs: [[before, inner]] };
};

const coercion: Form = (before, after) => {
  if (after.kind() !== "call" || !COERCIONS.has(calleeName(after)) || isBound(after, calleeName(after))) return null;
  const [only, more] = argumentsOf(after);
  if (only === undefined || more !== undefined || only.kind() === "keyword_argument") return null;
  return { entry: "coercion", effect: { kind: "value", node: after, subjects: [only] }, pairs: [[before, only]] };
};

const addedReturn: Form = (before, after) => {
  if (before.kind() !== "expression_statement" || after.kind() !== "return_statement") return null;
  const [was, is] = [parts(before)[0], parts(after)[0]];
  const around = functionOf(after);
  const last = around
    ?.field("body")
    ?.namedChildren()
    .findLast((child) => child.kind() !== "comment");
  if (was === undefined || is === undefined || around === null || !same(last ?? null, after)) return null;
  const returns = around.findAll({ rule: { kind: "return_statement" } });
  if (returns.some((one) => !same(one, after)) || /(?:assignment|yield|await)/.test(String(is.kind()))) return null;
  return { entry: "addedReturn", effect: { kind: "result", node: is }, pairs: [[was, is]] };
};

const correctedName: Form = (before, after) => {
  if (before.kind() !== "identifier" || after.kind() !== "identifier") return null;
  const parent = after.parent();
  const isAttribute = parent?.kind() === "attribute" && same(parent.field("attribute"), after);
  if (parent === null || (isBinder(after) && !isAttribute)) return null;
  const read = isAttribute ? parent : after;
  const owner = read.parent();
  if (/assignment$/.test(String(owner?.kind() ?? "")) && same(owner?.field("left") ?? null, read)) return null;
  const called = owner?.kind() === "call" && same(owner.field("function"), read);
  return {
    entry: "correctedName",
    effect: { kind: "name", from: before.text(), to: after.text(), called, node: after },
    pairs: [],
  };
};

/** `ticks` → `self.ticks`. */
const ownMember: Form = (before, after) => {
  if (before.kind() !== "identifier" || after.kind() !== "attribute" || after.field("object")?.text() !== "self")
    return null;
  const name = after.field("attribute");
  const first = functionOf(after)?.field("parameters")?.namedChildren()[0];
  if (name === null || name.text() !== before.text() || first?.text() !== "self" || isBinder(before)) return null;
  const called = after.parent()?.kind() === "call" && same(after.parent()?.field("function") ?? null, after);
  return {
    entry: "correctedName",
    effect: { kind: "name", from: before.text(), to: `self.${name.text()}`, called, node: after },
    pairs: [],
  };
};

/** The forms in the order in which they are tried. */
export const FORMS: readonly Form[] = [
  itemToGet,
  attributeToGetattr,
  defaultArgument,
  defaultValue,
  guardAnd,
  guardChoice,
  parameterDefault,
  addedAwait,
  coercion,
  addedReturn,
  ownMember,
  correctedName,
  parentheses,
];

/** `if x is None: return None` or `continue` before the statements that read x. */
export const earlyReturn: Insertion = (statement, following) => {
  if (statement.kind() !== "if_statement" || statement.field("alternative") !== null) return null;
  const condition = statement.field("condition");
  const check = condition === null ? null : presenceCheck(condition);
  const [leave, more] = parts(statement.field("consequence") ?? statement);
  if (
    check === null ||
    check.present ||
    leave === undefined ||
    more !== undefined ||
    !areRead(check.subjects, following)
  )
    return null;
  const value: SgNode | null = parts(leave)[0] ?? null;
  if (leave.kind() !== "return_statement" && leave.kind() !== "continue_statement") return null;
  if (value !== null && !isEmptyValue(value)) return null;
  return {
    entry: "earlyReturn",
    effect: { kind: "leave", statement, value, subjects: check.subjects, leftOut: following },
  };
};
