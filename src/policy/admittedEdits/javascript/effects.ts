import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionOf, isFunction, same } from "../../../syntax/scriptNodes.ts";
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

function keepsLocally(call: SgNode): boolean {
  if (!/^(?:push|unshift|add|set|append)$/.test(lastName(call))) return false;
  return isLocal(bare(call.field("function")?.field("object") ?? call), call);
}

function writesLocally(write: SgNode): boolean {
  const target = bare(write.field("left") ?? write.field("argument") ?? write);
  return isLocal(target, write);
}

/** Whether an expression is a variable of the function around the node, or a part of an object made there. */
function isLocal(target: SgNode, at: SgNode): boolean {
  const around = functionOf(at);
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
