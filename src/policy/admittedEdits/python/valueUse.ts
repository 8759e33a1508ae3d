import type { SgNode } from "@ast-grep/napi";
import { findKinds, same } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { LocalWrites, Round, Use } from "../dialect.ts";
import { isPlainChoice } from "../plainChoice.ts";
import { argumentsOf, calleeName, functionOf, isBinder, isFunction, isLabel, parts } from "./nodes.ts";
import { isPureCall, lastName, YES_NO } from "./pureCalls.ts";

const UP: Use = { kind: "up" };
const ENDS: Use = { kind: "ends" };
const SHOWS =
  /^(?:print|(?:\w+\.)*(?:log|logger|logging)\.\w+|jsonify|render|render_template|JsonResponse|HttpResponse|Response|make_response)$/;
/** Methods whose answer contains their argument. What others do with it (`get`, `replace`, `split`) is a choice. */
const TAKES = /^(?:join|format|loads|dumps|union|zfill|ljust|rjust|center|strftime|isoformat)$/;
const KEEPS = /^(?:append|add|insert|extend|update|setdefault)$/;

/** How the parent of a node uses the node's value. Default-deny: an unknown parent loses the value. */
export function useOf(node: SgNode, parent: SgNode): Use {
  const kind = String(parent.kind());
  switch (kind) {
    case "parenthesized_expression":
    case "attribute":
    case "await":
    case "list":
    case "tuple":
    case "set":
    case "dictionary":
    case "pair":
    case "expression_list":
    case "interpolation":
    case "string":
    case "concatenated_string":
    case "binary_operator":
    case "unary_operator":
    case "keyword_argument":
    case "dictionary_splat":
    case "list_splat":
    case "list_comprehension":
    case "generator_expression":
    case "set_comprehension":
    case "dictionary_comprehension":
    case "for_in_clause":
      return UP;
    case "subscript":
      return same(parent.field("value") ?? parts(parent)[0] ?? null, node)
        ? UP
        : { kind: "decides", why: "a lookup chooses by it" };
    case "call":
      return { kind: "up", yesNo: YES_NO.test(calleeName(parent)) };
    case "not_operator":
    case "comparison_operator":
      return { kind: "up", yesNo: true };
    case "boolean_operator":
      return same(parent.field("left"), node) && effectsIn(parent.field("right") ?? node).length > 0
        ? { kind: "decides", why: "what follows is done or left out by it" }
        : UP;
    case "conditional_expression":
      return choiceUse(node, parent);
    case "argument_list":
      return argumentUse(node, parent);
    case "assignment":
    case "augmented_assignment":
      return assignmentUse(node, parent);
    case "default_parameter":
    case "typed_default_parameter":
    case "typed_parameter":
    case "parameters":
      return { kind: "named", reads: readsOf(node, [node.text()]) };
    case "return_statement":
      return { kind: "returned" };
    case "lambda":
      return same(parent.field("body"), node) ? { kind: "returned" } : { kind: "lost", why: "a lambda" };
    case "raise_statement":
      return ENDS;
    case "expression_statement":
      return { kind: "discarded" };
    case "for_statement":
      return leaves(parent.field("body"))
        ? { kind: "decides", why: "a loop over it leaves early or raises" }
        : loopUse(parent.field("body") ?? parent);
    case "if_clause":
      return { kind: "decides", why: "a comprehension chooses by it" };
    case "if_statement":
    case "elif_clause":
      return conditionUse(parent);
    case "while_statement":
    case "assert_statement":
    case "match_statement":
      return { kind: "decides", why: "what follows depends on it" };
    default:
      return { kind: "lost", why: `a ${kind.replaceAll("_", " ")}` };
  }
}

function choiceUse(node: SgNode, choice: SgNode): Use {
  const [yes, condition, no] = parts(choice);
  if (!same(condition ?? null, node)) return UP;
  const ways = [yes, no].filter((way) => way !== undefined);
  if (ways.some((way) => effectsIn(way).length > 0)) return { kind: "decides", why: "a choice between two actions" };
  if (
    !isPlainChoice(
      condition?.text() ?? "",
      ways.map((way) => way.text()),
    )
  )
    return { kind: "decides", why: "a choice between two values" };
  return { kind: "up", yesNo: ways.every((way) => /^(?:True|False)$/.test(way.text())) };
}

function loopUse(body: SgNode): Use {
  const { reads, yesNo } = writtenIn([body]);
  return { kind: "named", reads, yesNo };
}

function conditionUse(statement: SgNode): Use {
  const whole = statement.kind() === "elif_clause" ? (statement.parent() ?? statement) : statement;
  if (leaves(whole)) return { kind: "decides", why: "an early leave or a raise depends on it" };
  const ways = parts(whole).filter((part) => /^(?:block|elif_clause|else_clause)$/.test(String(part.kind())));
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

/** What is done for each element of a list: see `Dialect.roundsOver`. */
export function roundsOver(node: SgNode, parent: SgNode): Round[] {
  const walk = parent.kind() === "for_in_clause" ? parent.parent() : parent;
  if (/^for_/.test(String(parent.kind()))) {
    const body = same(parent.field("right"), node) ? walk?.field("body") : null;
    return body == null ? [] : [{ body }];
  }
  const call = parent.kind() === "argument_list" ? parent.parent() : null;
  if (call === null) return [];
  return parts(parent).flatMap((one): Round[] => {
    if (same(one, node)) return [];
    if (isFunction(one)) return [{ body: one }];
    const name = /^[\w.]*?([A-Za-z_]\w*)$/.exec(one.text())?.[1];
    return name === undefined || calleeName(call) !== "map" || isOwnFunction(one) ? [] : [{ calls: name }];
  });
}

function isOwnFunction(node: SgNode): boolean {
  return /^(?:str|int|float|bool|len|list|tuple|dict|set|repr|abs|str\.\w+|None|True|False|\d+)$/.test(node.text());
}

const LOOPS = /^(?:for_statement|while_statement)$/;

/** What becomes of the variables that are written inside of nodes: see `Dialect.writtenIn`. */
export function writtenIn(nodes: readonly SgNode[]): LocalWrites {
  const [firstNode] = nodes;
  const found = nodes.flatMap((node) =>
    [node, ...findKinds(node, "assignment", "augmented_assignment", "call")].flatMap((write) => {
      const target = writtenTarget(write);
      return target === null ? [] : [{ write, name: /^\w+/.exec(target.text())?.[0] ?? "" }];
    }),
  );
  if (firstNode === undefined || found.length === 0) return { reads: [], values: [], yesNo: false };
  // In a loop the next round reads what this one did not write.
  const loop = firstNode.ancestors().find((a) => LOOPS.test(String(a.kind())) || isFunction(a));
  const again = loop !== undefined && !isFunction(loop);
  const names = found.map(({ name }) => name);
  const reads = readsOf(firstNode, names).filter(
    (read) => !isTarget(read) && (again || !nodes.some((node) => read.ancestors().some((a) => same(a, node)))),
  );
  const values = found.flatMap(({ write }) =>
    write.kind() === "call" ? argumentsOf(write) : (write.field("right") ?? []),
  );
  const scope = functionOf(firstNode) ?? firstNode;
  const begins = findKinds(scope, "assignment")
    .filter((write) => names.includes(write.field("left")?.text() ?? ""))
    .flatMap((write) => write.field("right") ?? []);
  return {
    reads,
    values: [...values, ...begins],
    yesNo: values.some((value) => /^(?:True|False|not\b.*)$/s.test(value.text())),
  };
}

/** `n` of `n += 1`, `out` of `out.append(x)`, `d` of `d[k] = 1`; null: nothing is written. */
function writtenTarget(write: SgNode): SgNode | null {
  if (/assignment$/.test(String(write.kind()))) return write.field("left");
  if (write.kind() !== "call" || !KEEPS.test(lastName(write))) return null;
  return write.field("function")?.field("object") ?? null;
}

function isTarget(name: SgNode): boolean {
  return name.ancestors().some((a) => {
    const target = writtenTarget(a);
    return target !== null && spanOf(target).start === spanOf(name).start;
  });
}

function leaves(node: SgNode | null): boolean {
  return (
    node?.has({
      rule: {
        any: ["raise_statement", "return_statement", "break_statement", "continue_statement", "assert_statement"].map(
          (kind) => ({ kind }),
        ),
      },
    }) === true
  );
}

function argumentUse(node: SgNode, list: SgNode): Use {
  const call = list.parent();
  if (call === null) return { kind: "lost", why: "an argument" };
  const name = calleeName(call);
  const isMethod = call.field("function")?.kind() === "attribute" && !/^(?:json|math|datetime)\./.test(name);
  if (lastName(call) === "get" && isMethod && argumentsOf(call)[1]?.kind() === "string") return UP;
  if (isPureCall(call) && isMethod && !TAKES.test(lastName(call)) && !YES_NO.test(name))
    return { kind: "decides", why: `what ${lastName(call)} gives depends on it` };
  if (isPureCall(call)) return { kind: "up", yesNo: YES_NO.test(name) };
  if (/^filter$/.test(name)) return { kind: "decides", why: "filter chooses by it" };
  if (SHOWS.test(name)) return ENDS;
  if (KEEPS.test(lastName(call)) && isLocal(call.field("function")?.field("object") ?? call, call)) return ENDS;
  if (call.field("function")?.kind() === "identifier" && node.kind() !== "keyword_argument")
    return { kind: "passed", callee: name, index: parts(list).findIndex((one) => same(one, node)) };
  return { kind: "lost", why: `it is given to ${name.slice(0, 60)}` };
}

function assignmentUse(node: SgNode, parent: SgNode): Use {
  const left = parent.field("left");
  if (left === null || same(left, node)) return { kind: "lost", why: "it is written to" };
  if (left.kind() === "identifier") return { kind: "named", reads: readsOf(parent, [left.text()]) };
  if (/^(?:pattern_list|tuple_pattern)$/.test(String(left.kind())))
    return {
      kind: "named",
      reads: readsOf(
        parent,
        findKinds(left, "identifier").map((n) => n.text()),
      ),
    };
  const root = /^\w+/.exec(left.text())?.[0] ?? "";
  return isMadeHere(root, parent)
    ? { kind: "named", reads: readsOf(parent, [root]).filter((read) => !read.ancestors().some((a) => same(a, parent))) }
    : { kind: "lost", why: `it is kept as ${left.text().slice(0, 60)}` };
}

/** Reads of names in the function around a node (the whole file at its top). */
export function readsOf(node: SgNode, names: readonly string[]): SgNode[] {
  const scope = isFunction(node) ? node : (functionOf(node) ?? node.ancestors().at(-1) ?? node);
  return findKinds(scope, "identifier").filter(
    (found) => names.includes(found.text()) && !isBinder(found) && !isLabel(found),
  );
}

function isMadeHere(name: string, at: SgNode): boolean {
  const around = functionOf(at);
  return (
    around !== null &&
    findKinds(around, "assignment").some(
      (a) =>
        a.field("left")?.text() === name &&
        /^(?:list|dictionary|set|list_comprehension|call)$/.test(String(a.field("right")?.kind() ?? "")) &&
        !/^call$/.test(String(a.field("right")?.kind())),
    )
  );
}

function isLocal(target: SgNode, at: SgNode): boolean {
  const around = functionOf(at);
  const root = /^\w+/.exec(target.text())?.[0] ?? "";
  if (around === null || root === "" || root === "self") return false;
  if (target.kind() !== "identifier") return isMadeHere(root, at);
  return findKinds(around, "assignment").some(
    (a) => a.field("left")?.text() === root && /^(?:list|dictionary|set)$/.test(String(a.field("right")?.kind() ?? "")),
  );
}

/** What a node does beside computing, as in `javascript/effects.ts`. */
export function effectsIn(node: SgNode): SgNode[] {
  const within = (found: SgNode) => {
    for (const ancestor of same(found, node) ? [] : found.ancestors()) {
      if (same(ancestor, node)) return true;
      if (ancestor.kind() === "function_definition") return false;
    }
    return true;
  };
  const own = [
    node,
    ...findKinds(
      node,
      "call",
      "yield",
      "raise_statement",
      "assert_statement",
      "delete_statement",
      "assignment",
      "augmented_assignment",
    ),
  ];
  return [...new Map(own.map((one) => [one.id(), one])).values()].filter((found) => {
    if (!within(found)) return false;
    switch (String(found.kind())) {
      case "call":
        return (
          !isPureCall(found) &&
          !(KEEPS.test(lastName(found)) && isLocal(found.field("function")?.field("object") ?? found, found))
        );
      case "assignment":
      case "augmented_assignment": {
        const left = found.field("left");
        return (
          left !== null &&
          left.kind() !== "identifier" &&
          !/pattern/.test(String(left.kind())) &&
          !isMadeHere(/^\w+/.exec(left.text())?.[0] ?? "", found)
        );
      }
      case "yield":
      case "raise_statement":
      case "assert_statement":
      case "delete_statement":
        return true;
      default:
        return false;
    }
  });
}

/** How a function that is given to a call is used by it. */
export function callbackUse(fn: SgNode): Use | null {
  const holder = fn.parent()?.kind() === "keyword_argument" ? (fn.parent() ?? fn) : fn;
  const list = holder.parent();
  if (list?.kind() !== "argument_list") return null;
  const call = list.parent();
  if (call === null) return null;
  const name = lastName(call);
  if (/^(?:filter|sorted|sort|min|max|takewhile|dropwhile|groupby)$/.test(name))
    return { kind: "decides", why: `${name} chooses by it` };
  if (/^(?:map|reduce|starmap)$/.test(name)) return UP;
  return { kind: "lost", why: `it answers ${calleeName(call).slice(0, 60)}` };
}
