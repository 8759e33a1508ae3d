import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, bare, findKinds, functionOf, isFunction, loopOf, same } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { LocalWrites } from "../dialect.ts";
import { readsOf } from "./names.ts";
import { isPureCall, lastName } from "./pureCalls.ts";

/**
 * What a node does beside computing: throws, calls of functions that are not the language's own pure ones, and writes to what
 * is not a local variable of the function around it. Functions that are only defined inside do nothing yet.
 */
export function effectsIn(node: SgNode): SgNode[] {
  const own = (found: SgNode) => !isInnerFunction(found, node);
  const calls = [
    node,
    ...findKinds(node, "call_expression", "new_expression", "yield_expression", "await_expression"),
  ].filter(
    (found) =>
      /^(?:call_expression|new_expression|yield_expression)$/.test(String(found.kind())) &&
      own(found) &&
      !(found.kind() !== "yield_expression" && (isPureCall(found) || keepsLocally(found))),
  );
  const writes = [
    node,
    ...findKinds(node, "assignment_expression", "augmented_assignment_expression", "update_expression"),
  ].filter(
    (found) =>
      /^(?:assignment|augmented_assignment|update)_expression$/.test(String(found.kind())) &&
      own(found) &&
      !writesLocally(found),
  );
  const throws = findKinds(node, "throw_statement").filter(own);
  const deletes = findKinds(node, "unary_expression").filter((found) => /^delete\b/.test(found.text()) && own(found));
  return [...unique(calls), ...unique(writes), ...throws, ...deletes];
}

function unique(nodes: readonly SgNode[]): SgNode[] {
  return [...new Map(nodes.map((node) => [node.id(), node])).values()];
}

/** Whether a found node stands in a function that is defined inside of `outer` and is not called there. */
function isInnerFunction(found: SgNode, outer: SgNode): boolean {
  if (same(found, outer)) return false;
  for (const ancestor of found.ancestors()) {
    if (same(ancestor, outer)) return false;
    if (isFunction(ancestor)) return !isGivenToPureCall(ancestor);
  }
  return false;
}

/** The function of `xs.map(f)` runs at once. */
function isGivenToPureCall(fn: SgNode): boolean {
  const list = fn.parent();
  return list?.kind() === "arguments";
}

/** The variable that is written, or to which something is kept: `n` of `n += 1`, `out` of `out.push(x)`, `o` of `o.a = 1`. */
function writtenName(node: SgNode): SgNode {
  return node.kind() === "call_expression"
    ? bare(node.field("function")?.field("object") ?? node)
    : bare(node.field("left") ?? node.field("argument") ?? node);
}

/** The function around a node. A function that is given to a pure call (`xs.forEach(f)`) is a part of the one around it. */
function wholeFunctionOf(node: SgNode): SgNode | null {
  const fn = functionOf(node);
  const list = fn?.parent();
  const call = list?.kind() === "arguments" ? list.parent() : null;
  return fn !== null && call?.kind() === "call_expression" && isPureCall(call) ? (wholeFunctionOf(fn) ?? fn) : fn;
}

const WRITES = ["assignment_expression", "augmented_assignment_expression", "update_expression", "call_expression"];

/** What becomes of the variables that are written inside of nodes: see `Dialect.writtenIn`. */
export function writtenIn(nodes: readonly SgNode[]): LocalWrites {
  const writes = nodes
    .flatMap((node) => [node, ...findKinds(node, ...WRITES)])
    .filter((one) => WRITES.includes(String(one.kind())) && (one.kind() !== "call_expression" || isKeeping(one)));
  const declared = nodes.flatMap((node) => findKinds(node, "variable_declarator").map((d) => d.field("name")?.text()));
  const names = writes
    .map((one) => /^[\w$]+/.exec(writtenName(one).text())?.[0] ?? "")
    .filter((name) => name !== "" && !declared.includes(name));
  const [first] = nodes;
  if (first === undefined || names.length === 0) return { reads: [], values: [], yesNo: false };
  // In a loop the next round reads what this one did not write.
  const again = loopOf(first) !== null;
  const scope = wholeFunctionOf(first) ?? first;
  const reads = readsOf(scope, names).filter(
    (read) => !isTarget(read) && (again || !nodes.some((node) => read.ancestors().some((a) => same(a, node)))),
  );
  const begins = findKinds(scope, "variable_declarator")
    .filter((declarator) => names.includes(declarator.field("name")?.text() ?? ""))
    .flatMap((declarator) => declarator.field("value") ?? []);
  const values = writes.flatMap((one) =>
    one.kind() === "call_expression" ? argumentsOf(one) : (one.field("right") ?? []),
  );
  const yesNo = values.some((value) => /^(?:true|false|!.*)$/s.test(value.text()));
  return { reads, values: [...values, ...begins], yesNo };
}

/** Whether a name is only the place of a write: `n` of `n += 1` and of `n++`, `out` of `out.push(x)`. */
function isTarget(name: SgNode): boolean {
  return name.ancestors().some((a) => {
    const kind = String(a.kind());
    if (!WRITES.includes(kind) || (kind === "call_expression" && !isKeeping(a))) return false;
    const target = writtenName(a);
    return same(target, name) ||
      target.text().startsWith(`${name.text()}.`) ||
      target.text().startsWith(`${name.text()}[`)
      ? spanOf(target).start === spanOf(name).start
      : false;
  });
}

function isKeeping(call: SgNode): boolean {
  return /^(?:push|unshift|add|set|append)$/.test(lastName(call));
}

function keepsLocally(call: SgNode): boolean {
  if (!isKeeping(call)) return false;
  return isLocal(bare(call.field("function")?.field("object") ?? call), call);
}

function writesLocally(write: SgNode): boolean {
  const target = bare(write.field("left") ?? write.field("argument") ?? write);
  return isLocal(target, write);
}

/** Whether an expression is a variable of the function around the node, or a part of an object made there. */
function isLocal(target: SgNode, at: SgNode): boolean {
  const around = wholeFunctionOf(at);
  const root = /^[\w$]+/.exec(target.text())?.[0] ?? "";
  if (around === null || root === "" || root === "this") return false;
  return findKinds(around, "variable_declarator").some((declarator) => {
    if (declarator.field("name")?.text() !== root) return false;
    const value = declarator.field("value");
    return (
      target.kind() === "identifier" || value === null || /^(?:array|object|new_expression)$/.test(String(value.kind()))
    );
  });
}
