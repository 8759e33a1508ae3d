import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, bare, isMember, memberName } from "../../syntax/scriptNodes.ts";
import { spanOf } from "../../syntax/source.ts";

/** The crashing expression, and the value in it that was not what the code assumed. */
export interface CrashingNode {
  node: SgNode;
  subject: SgNode;
}

/** A crashing node with the offsets at which V8 may report it. */
export interface Found extends CrashingNode {
  /** Offsets that V8 may report for this crash. */
  points: number[];
}

/** Whether the node covers part of the line (from 1). */
export function touches(node: SgNode, line: number): boolean {
  const range = node.range();
  return range.start.line <= line - 1 && line - 1 <= range.end.line;
}

/** A member access that reads `member`. A computed access always matches, because its name is not known. */
export function readOf(node: SgNode, member: string): Found[] {
  const object = node.field("object");
  if (object === null) return [];
  const name = memberName(node);
  if (name !== null && name !== member) return [];
  const property = node.field("property");
  // For a computed member, V8 reports the bracket, which is the end of the object.
  const points = property === null ? [spanOf(object).end] : [spanOf(property).start];
  return [{ node, subject: object, points: [...points, spanOf(object).end] }];
}

/** The object that an assignment or update writes to. */
export function writeOf(node: SgNode): Found[] {
  const target = bare(node.field("left") ?? node.field("argument") ?? node);
  const object = isMember(target) ? target.field("object") : null;
  if (object === null) return [];
  const sign = node.children().find((c) => !c.isNamed());
  return [{ node, subject: object, points: [spanOf(sign ?? node).start, spanOf(target).end] }];
}

/**
 * The value that a pattern destructures: the declarator's or assignment's value, or the pattern itself for a parameter.
 */
export function destructured(pattern: SgNode): Found[] {
  const names = pattern.namedChildren().map((n) => spanOf(n).start);
  const points = [...names, spanOf(pattern).start];
  const parent = pattern.parent();
  if (parent?.kind() === "variable_declarator" || parent?.kind() === "assignment_expression") {
    const value = parent.field("value") ?? parent.field("right");
    if (value !== null) return [{ node: parent, subject: value, points }];
  }
  return [{ node: pattern, subject: pattern, points }];
}

/** A call whose callee matches V8's wording of it. An empty wording matches every call. */
export function calledOf(call: SgNode, callee: string): Found[] {
  const fn = call.field("function");
  if (fn === null) return [];
  const property = fn.field("property");
  const points = [property === null ? spanOf(fn).start : spanOf(property).start, spanOf(fn).end];
  const said = callee
    .replace(/^.*\)\./, "")
    .replace(/^.*\./, "")
    .replace(/\[.*\]$/, "");
  const own = fn.kind() === "member_expression" ? (property?.text() ?? "") : fn.text();
  if (callee !== "" && !callee.includes("(") && !own.includes(said) && !callee.endsWith(own)) return [];
  return [{ node: call, subject: fn, points }];
}

/** The first argument of a `new` expression or call, or its callee when there is no argument. */
export function constructed(node: SgNode): Found[] {
  const subject = argumentsOf(node)[0] ?? node.field("constructor") ?? node.field("function");
  if (subject === null) return [];
  const callee = node.field("constructor") ?? node.field("function") ?? node;
  const property = callee.field("property");
  return [{ node, subject, points: [spanOf(node).start, spanOf(callee).start, spanOf(property ?? callee).start] }];
}

/** The value that a for…of loop, a spread or an array pattern iterates over. */
export function iterated(node: SgNode): Found[] {
  const parent = node.parent();
  const value =
    node.kind() === "for_in_statement"
      ? node.field("right")
      : node.kind() === "spread_element"
        ? (node.namedChildren()[0] ?? null)
        : parent?.kind() === "variable_declarator"
          ? parent.field("value")
          : null;
  if (value === null) return node.kind() === "array_pattern" ? [{ node, subject: node, points: ends(node) }] : [];
  const call = parent?.kind() === "arguments" ? parent.parent() : null;
  const points = [...ends(value), ...(call === null ? [] : ends(call.field("function") ?? call))];
  return [{ node: node.kind() === "array_pattern" ? (parent ?? node) : node, subject: value, points }];
}

/** The first argument of a call, unless it is a spread. */
export function firstArgument(call: SgNode): Found[] {
  const subject = argumentsOf(call)[0];
  return subject === undefined || subject.kind() === "spread_element"
    ? []
    : [{ node: call, subject, points: calleePoints(call) }];
}

/** Every argument that could be the missing value: a name or a member access, not a literal or the result of a call. */
export function eachArgument(call: SgNode): Found[] {
  return argumentsOf(call)
    .filter((subject) => /^(?:identifier|member_expression|subscript_expression)$/.test(String(bare(subject).kind())))
    .map((subject) => ({ node: call, subject, points: calleePoints(call) }));
}

export function lastArgument(call: SgNode): Found[] {
  const subject = argumentsOf(call).at(-1);
  return subject === undefined ? [] : [{ node: call, subject, points: calleePoints(call) }];
}

/** The object on which a method is called. */
export function methodCall(call: SgNode): Found[] {
  const fn = call.field("function");
  const object = fn !== null && isMember(fn) ? fn.field("object") : null;
  return object === null ? [] : [{ node: call, subject: object, points: calleePoints(call) }];
}

/** The right operand of an `in` expression. */
export function inOf(node: SgNode): Found[] {
  const right = node.field("right");
  const sign = node.children().find((c) => c.text() === "in");
  return right === null ? [] : [{ node, subject: right, points: [spanOf(sign ?? node).start] }];
}

/** The target of an assignment or update. */
export function assigned(node: SgNode): Found[] {
  const target = node.field("left") ?? node.field("argument");
  if (target === null) return [];
  const sign = node.children().find((c) => !c.isNamed());
  return [{ node, subject: target, points: [spanOf(sign ?? node).start, spanOf(target).start] }];
}

/** Fallback for messages without a known form: the first argument, the left operand, or the node itself. */
export function anything(node: SgNode): Found[] {
  const sign = node.field("operator");
  return [
    {
      node,
      subject: argumentsOf(node)[0] ?? node.field("left") ?? node,
      points: [...calleePoints(node), spanOf(sign ?? node).start],
    },
  ];
}

/** Offsets at which V8 reports a call: the last name of the callee, and the start of the call. */
export function calleePoints(call: SgNode): number[] {
  const callee = call.field("function") ?? call.field("constructor");
  if (callee === null) return [spanOf(call).start];
  const property = callee.field("property");
  return [spanOf(property ?? callee).start, spanOf(call).start];
}

/** Offsets of an expression that V8 may report: its start and end, and the start of its last member. */
export function ends(node: SgNode): number[] {
  const inner = bare(node);
  const property = inner.field("property");
  const starts = [spanOf(node).start, spanOf(inner).start, spanOf(inner).end];
  return property === null ? starts : [spanOf(property).start, ...starts];
}
