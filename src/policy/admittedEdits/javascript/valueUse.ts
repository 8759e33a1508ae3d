import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionOf, isFunction, operatorOf, same } from "../../../syntax/scriptNodes.ts";
import type { Use } from "../dialect.ts";
import { effectsIn } from "./effects.ts";
import { CHOOSING, calleeName, isPureCall, lastName, YES_NO } from "./pureCalls.ts";

const UP: Use = { kind: "up" };
const ENDS: Use = { kind: "ends" };
const COMPARISON = /^(?:[=!]==?|[<>]=?|in|instanceof)$/;

/** Calls that show a value to a person or write it to a log, and do not decide by it. */
const SHOWS =
  /^(?:console\.\w+|(?:\w+\.)*(?:log|logger)\.\w+|(?:\w+\.)*(?:res|response|reply|ctx|c)\.(?:json|send|end|render|write|text|html|jsonp|body)|document\.createTextNode|(?:\w+\.)*(?:textContent|innerText))$/;
/** Methods that keep a value in a list or map. */
const KEEPS = /^(?:push|unshift|add|set|append)$/;

/** How the parent of a node uses the node's value. Default-deny: an unknown parent loses the value. */
export function useOf(node: SgNode, parent: SgNode): Use {
  const kind = String(parent.kind());
  switch (kind) {
    case "parenthesized_expression":
      return parenthesesUse(parent);
    case "non_null_expression":
    case "as_expression":
    case "satisfies_expression":
    case "await_expression":
    case "member_expression":
    case "subscript_expression":
    case "spread_element":
    case "array":
    case "object":
    case "template_substitution":
    case "sequence_expression":
    case "computed_property_name":
    case "jsx_attribute":
      return UP;
    case "template_string":
      return parent.parent()?.kind() === "call_expression" ? { kind: "lost", why: "a tagged template" } : UP;
    case "pair":
      return same(parent.field("value"), node) ? UP : { kind: "lost", why: "the key of an object" };
    case "unary_expression":
      return /^(?:!|typeof)$/.test(operatorOf(parent)) ? { kind: "up", yesNo: true } : UP;
    case "binary_expression":
      return binaryUse(node, parent);
    case "ternary_expression":
      return same(parent.field("condition"), node) ? choiceUse(parent) : UP;
    case "call_expression":
      return { kind: "up", yesNo: YES_NO.test(calleeName(parent)) };
    case "new_expression":
      return UP;
    case "arguments":
      return argumentUse(node, parent);
    case "variable_declarator":
      return declarationUse(node, parent);
    case "assignment_expression":
    case "augmented_assignment_expression":
      return assignmentUse(node, parent);
    case "assignment_pattern":
    case "object_assignment_pattern":
    case "required_parameter":
    case "optional_parameter":
    case "formal_parameters":
    case "object_pattern":
    case "array_pattern":
    case "pair_pattern":
      return { kind: "named", reads: readsOf(parent, namesIn(node)) };
    case "return_statement":
      return { kind: "returned" };
    case "arrow_function":
      return same(parent.field("body"), node)
        ? { kind: "returned" }
        : { kind: "named", reads: readsOf(node, namesIn(node)) };
    case "throw_statement":
    case "jsx_expression":
    case "jsx_element":
      return ENDS;
    case "expression_statement":
      return { kind: "discarded" };
    case "for_in_statement":
      return loopUse(parent);
    case "if_statement":
    case "while_statement":
    case "do_statement":
    case "for_statement":
      return conditionUse(parent);
    case "switch_statement":
      return { kind: "decides", why: "a switch chooses by it" };
    default:
      return { kind: "lost", why: `a ${kind.replaceAll("_", " ")}` };
  }
}

function parenthesesUse(parent: SgNode): Use {
  const owner = parent.parent();
  return /^(?:if|while|do)_statement$/.test(String(owner?.kind() ?? "")) && owner !== null ? conditionUse(owner) : UP;
}

function binaryUse(node: SgNode, parent: SgNode): Use {
  const operator = operatorOf(parent);
  if (COMPARISON.test(operator)) return { kind: "up", yesNo: true };
  if (!/^(?:&&|\|\|)$/.test(operator) || !same(parent.field("left"), node)) return UP;
  const right = parent.field("right");
  return right !== null && effectsIn(right).length > 0
    ? { kind: "decides", why: "what follows is done or left out by it" }
    : UP;
}

/** `x ? a : b` with two plain values passes one of them on. */
function choiceUse(ternary: SgNode): Use {
  const ways = [ternary.field("consequence"), ternary.field("alternative")].filter((way) => way !== null);
  if (ways.some((way) => effectsIn(way).length > 0)) return { kind: "decides", why: "a choice between two actions" };
  return { kind: "up", yesNo: ways.every((way) => /^(?:true|false)$/.test(bare(way).text())) };
}

/** A condition is harmless only if both ways do no more than set a local value or show something. */
function conditionUse(statement: SgNode): Use {
  if (statement.kind() !== "if_statement") return { kind: "decides", why: "a loop goes on or ends by it" };
  const ways = [statement.field("consequence"), statement.field("alternative")].filter((way) => way !== null);
  if (ways.some(leaves)) return { kind: "decides", why: "an early leave or a throw depends on it" };
  if (ways.some((way) => effectsIn(way).length > 0))
    return { kind: "decides", why: "an action is done or left out by it" };
  return ENDS;
}

/** An empty list means no round: a check that each round makes is not made. */
function loopUse(loop: SgNode): Use {
  const body = loop.field("body");
  if (body !== null && leaves(body)) return { kind: "decides", why: "a loop over it leaves early or throws" };
  return ENDS;
}

const LEAVES = ["throw_statement", "return_statement", "break_statement", "continue_statement"];

function leaves(node: SgNode): boolean {
  return LEAVES.includes(String(node.kind())) || node.has({ rule: { any: LEAVES.map((kind) => ({ kind })) } });
}

function argumentUse(node: SgNode, list: SgNode): Use {
  const call = list.parent();
  if (call === null) return { kind: "lost", why: "an argument" };
  const name = calleeName(call);
  if (isPureCall(call)) return { kind: "up", yesNo: YES_NO.test(name) };
  if (SHOWS.test(name)) return ENDS;
  if (KEEPS.test(lastName(call))) return keptUse(call);
  if (call.kind() === "new_expression") return { kind: "lost", why: `it is given to new ${name}` };
  const callee = call.field("function");
  const index = list
    .namedChildren()
    .filter((child) => child.kind() !== "comment")
    .findIndex((child) => same(child, node));
  if (callee?.kind() === "identifier") return { kind: "passed", callee: name, index };
  return { kind: "lost", why: `it is given to ${name.slice(0, 60)}` };
}

/** A list that is made here is followed; another may be read anywhere. */
function keptUse(call: SgNode): Use {
  const owner = bare(call.field("function")?.field("object") ?? call);
  const around = functionOf(call);
  if (owner.kind() !== "identifier" || around === null)
    return { kind: "lost", why: `it is kept in ${owner.text().slice(0, 60)}` };
  const own = findKinds(around, "variable_declarator").some((d) => d.field("name")?.text() === owner.text());
  return own
    ? { kind: "named", reads: readsOf(call, [owner.text()]).filter((read) => !inside(read, call)) }
    : { kind: "lost", why: `it is kept in ${owner.text()}` };
}

function inside(node: SgNode, outer: SgNode): boolean {
  return node.ancestors().some((a) => a.id() === outer.id());
}

function declarationUse(node: SgNode, declarator: SgNode): Use {
  const name = declarator.field("name");
  if (name === null || same(name, node)) return { kind: "named", reads: readsOf(declarator, namesIn(node)) };
  return { kind: "named", reads: readsOf(declarator, namesIn(name)) };
}

function assignmentUse(node: SgNode, parent: SgNode): Use {
  const left = bare(parent.field("left") ?? parent);
  if (same(left, node)) return { kind: "lost", why: "it is written to" };
  if (left.kind() === "identifier")
    return { kind: "named", reads: readsOf(parent, [left.text()]).filter((r) => !same(r, left)) };
  const around = functionOf(parent);
  const root = /^[\w$]+/.exec(left.text())?.[0] ?? "";
  const made =
    around !== null &&
    findKinds(around, "variable_declarator").some(
      (d) => d.field("name")?.text() === root && d.field("value")?.kind() === "object",
    );
  return made
    ? { kind: "named", reads: readsOf(parent, [root]).filter((read) => !inside(read, parent)) }
    : { kind: "lost", why: `it is kept as ${left.text().slice(0, 60)}` };
}

/** The names that a pattern binds. */
export function namesIn(pattern: SgNode): string[] {
  if (/^(?:identifier|shorthand_property_identifier_pattern)$/.test(String(pattern.kind()))) return [pattern.text()];
  return findKinds(pattern, "identifier", "shorthand_property_identifier_pattern").map((n) => n.text());
}

/** Reads of names in the function around a node (the whole file at its top), except where they are declared. */
export function readsOf(node: SgNode, names: readonly string[]): SgNode[] {
  const scope = isFunction(node) ? node : (functionOf(node) ?? node.ancestors().at(-1) ?? node);
  return findKinds(scope, "identifier", "shorthand_property_identifier").filter(
    (found) => names.includes(found.text()) && !isBinder(found),
  );
}

function isBinder(name: SgNode): boolean {
  const parent = name.parent();
  const kind = String(parent?.kind() ?? "");
  if (/(?:_pattern|parameters|parameter|specifier|clause)$/.test(kind))
    return !same(parent?.field("right") ?? null, name);
  if (kind === "variable_declarator" || /declaration$/.test(kind)) return same(parent?.field("name") ?? null, name);
  if (kind === "arrow_function") return same(parent?.field("parameter") ?? null, name);
  return kind === "assignment_expression" && same(parent?.field("left") ?? null, name);
}

/** How a function that is given to a call is used by it: `map(f)` has f's values, `filter(f)` chooses by them. */
export function callbackUse(fn: SgNode): Use | null {
  const list = fn.parent();
  if (list?.kind() === "pair") {
    const owner = list
      .ancestors()
      .find((a) => a.kind() === "arguments")
      ?.parent();
    return owner === null || owner === undefined
      ? null
      : { kind: "lost", why: `it answers ${calleeName(owner).slice(0, 60)}` };
  }
  if (list?.kind() !== "arguments") return null;
  const call = list.parent();
  if (call === null) return null;
  const name = lastName(call);
  if (CHOOSING.test(name)) return { kind: "decides", why: `${name} chooses by it` };
  if (/^(?:String|Number|Boolean|Array\.isArray|Object\.\w+|JSON\.stringify|Math\.\w+)$/.test(calleeName(call)))
    return ENDS;
  if (/^(?:map|flatMap|reduce|reduceRight|from|then|useMemo|useCallback)$/.test(name)) return UP;
  if (
    /^(?:forEach|each|on|once|listen|addEventListener|setTimeout|setInterval|setImmediate|nextTick|queueMicrotask|it|test|describe|useEffect)$/.test(
      name,
    )
  )
    return ENDS;
  if (/^(?:get|post|put|patch|delete|all|head|options|route|createServer|handle)$/.test(name)) return ENDS;
  return { kind: "lost", why: `it answers ${calleeName(call).slice(0, 60)}` };
}
