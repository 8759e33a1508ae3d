import type { SgNode } from "@ast-grep/napi";
import {
  argumentsOf,
  bare,
  dressed,
  findKinds,
  functionOf,
  isFunction,
  operatorOf,
  same,
} from "../../../syntax/scriptNodes.ts";
import type { Round, Use } from "../dialect.ts";
import { isPlainChoice } from "../plainChoice.ts";
import { effectsIn, writtenIn } from "./effects.ts";
import { namesIn, readsOf } from "./names.ts";
import { CHOOSING, calleeName, isPureCall, lastName, YES_NO } from "./pureCalls.ts";

const UP: Use = { kind: "up" };
const ENDS: Use = { kind: "ends" };
const COMPARISON = /^(?:[=!]==?|[<>]=?|in|instanceof)$/;

/** Calls that show a value to a person or write it to a log, and do not decide by it. */
const SHOWS =
  /^(?:console\.\w+|(?:\w+\.)*(?:log|logger)\.\w+|(?:\w+\.)*(?:res|response|reply|ctx|c)\.(?:json|send|end|render|write|text|html|jsonp|body)|document\.createTextNode|(?:\w+\.)*(?:textContent|innerText))$/;
/** Methods whose answer contains their argument. What others do with it (`slice`, `get`, `replace`) is a choice. */
const TAKES = /^(?:concat|join|with|toFixed|toPrecision|padStart|padEnd|map|flatMap|reduce|reduceRight|forEach)$/;
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
    case "spread_element":
    case "array":
    case "object":
    case "template_substitution":
    case "sequence_expression":
    case "computed_property_name":
    case "jsx_attribute":
      return UP;
    case "subscript_expression":
      return same(parent.field("index"), node) ? lookupUse(parent) : UP;
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

/** What a lookup by the missing value gives, is a text by default; or it is anything. */
function lookupUse(lookup: SgNode): Use {
  const parent = dressed(lookup).parent();
  const hasText =
    parent?.kind() === "binary_expression" &&
    /^(?:\?\?|\|\|)$/.test(operatorOf(parent)) &&
    parent.field("right")?.kind() === "string";
  return hasText ? UP : { kind: "decides", why: "a lookup chooses by it" };
}

function binaryUse(node: SgNode, parent: SgNode): Use {
  const operator = operatorOf(parent);
  if (COMPARISON.test(operator)) return { kind: "up", yesNo: true };
  if (!/^(?:&&|\|\|)$/.test(operator) || !same(parent.field("left"), node)) return UP;
  const right = parent.field("right");
  return right !== null && (effectsIn(right).length > 0 || writtenIn([right]).reads.length > 0)
    ? { kind: "decides", why: "what follows is done or left out by it" }
    : UP;
}

/** `x ? a : b` with two plain values passes one of them on. */
function choiceUse(ternary: SgNode): Use {
  const ways = [ternary.field("consequence"), ternary.field("alternative")].filter((way) => way !== null);
  if (ways.some((way) => effectsIn(way).length > 0) || writtenIn(ways).reads.length > 0)
    return { kind: "decides", why: "a choice between two actions" };
  if (
    !isPlainChoice(
      ternary.field("condition")?.text() ?? "",
      ways.map((way) => way.text()),
    )
  )
    return { kind: "decides", why: "a choice between two values" };
  return { kind: "up", yesNo: ways.every((way) => /^(?:true|false)$/.test(bare(way).text())) };
}

/** A condition is harmless only if both ways do no more than set a local value or show something. */
function conditionUse(statement: SgNode): Use {
  if (statement.kind() !== "if_statement") return { kind: "decides", why: "a loop goes on or ends by it" };
  const ways = [statement.field("consequence"), statement.field("alternative")].filter((way) => way !== null);
  if (ways.some(leaves)) return { kind: "decides", why: "an early leave or a throw depends on it" };
  if (ways.some((way) => effectsIn(way).length > 0))
    return { kind: "decides", why: "an action is done or left out by it" };
  const { reads, values, yesNo } = writtenIn(ways);
  if (
    !isPlainChoice(
      statement.field("condition")?.text() ?? "",
      values.map((value) => value.text()),
    )
  )
    return { kind: "decides", why: "a choice between two values" };
  return { kind: "named", reads, yesNo };
}

/** An empty list means no round: a check that each round makes is not made. */
function loopUse(loop: SgNode): Use {
  const body = loop.field("body");
  if (body === null) return ENDS;
  if (leaves(body)) return { kind: "decides", why: "a loop over it leaves early or throws" };
  const { reads, yesNo } = writtenIn([body]);
  return { kind: "named", reads, yesNo };
}

/** What is done for each element of a list: see `Dialect.roundsOver`. */
export function roundsOver(node: SgNode, parent: SgNode): Round[] {
  if (parent.kind() === "for_in_statement")
    return [parent.field("body")].flatMap((body) => (body === null ? [] : { body }));
  if (parent.kind() === "arguments")
    return parent
      .namedChildren()
      .filter(isFunction)
      .map((body) => ({ body }));
  const isReceiver = parent.kind() === "call_expression" && same(parent.field("function"), node);
  if (!isReceiver || node.kind() !== "member_expression") return [];
  return argumentsOf(parent).flatMap((one): Round[] => {
    if (isFunction(one)) return [{ body: one }];
    const name = /^[\w$.?]*?([A-Za-z_$][\w$]*)$/.exec(one.text())?.[1];
    return name === undefined || !isWalking(parent) || isOwnFunction(one) ? [] : [{ calls: name }];
  });
}

/** `xs.forEach(f)` and the like call f for each element. */
function isWalking(call: SgNode): boolean {
  return /^(?:forEach|map|flatMap|filter|find|findIndex|findLast|some|every|reduce|reduceRight|sort|toSorted)$/.test(
    lastName(call),
  );
}

/** Functions of the language, and first values of a reduction: they do nothing. */
function isOwnFunction(node: SgNode): boolean {
  return /^(?:String|Number|Boolean|BigInt|parseInt|parseFloat|encodeURIComponent|decodeURIComponent|isNaN|isFinite|Array\.isArray|Object\.\w+|JSON\.\w+|Math\.\w+|undefined|null|true|false|\d+)$/.test(
    node.text(),
  );
}

const LEAVES = ["throw_statement", "return_statement", "break_statement", "continue_statement"];

function leaves(node: SgNode): boolean {
  return LEAVES.includes(String(node.kind())) || node.has({ rule: { any: LEAVES.map((kind) => ({ kind })) } });
}

function argumentUse(node: SgNode, list: SgNode): Use {
  const call = list.parent();
  if (call === null) return { kind: "lost", why: "an argument" };
  const name = calleeName(call);
  if (
    isPureCall(call) &&
    !TAKES.test(lastName(call)) &&
    call.field("function")?.kind() === "member_expression" &&
    !/^[A-Z]\w*\.\w+$/.test(name)
  )
    return YES_NO.test(name)
      ? { kind: "up", yesNo: true }
      : lastName(call) === "get"
        ? lookupUse(call)
        : { kind: "decides", why: `what ${lastName(call)} gives depends on it` };
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
