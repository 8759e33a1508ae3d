import type { SgNode } from "@ast-grep/napi";
import type { Crash } from "./crash.ts";
import { argumentsOf, bare, findKinds, isMember, memberName, operatorOf, same } from "./nodes.ts";
import { lineAt, offsetAt, type Source, spanOf } from "./source.ts";
import type { Place } from "./types.ts";

/** The crashing expression and the value in it that was not what the code took it for. */
export interface Located {
  node: SgNode;
  subject: SgNode;
}

/** Finds the crashing expression at a place, by what the message says and where V8 points. Best first; empty when the file does not fit the frame. */
export function locate(source: Source, place: Place, crash: Crash): Located[] {
  const offset = offsetAt(source, place.line, place.column);
  const found = candidatesOf(source, crash, place.line);
  const pointed = found.filter((f) => f.points.includes(offset));
  if (place.column !== undefined && pointed.length > 0) return pointed.map(located);
  // Without a column (or with one of another V8), everything on the line that fits the message, nearest first.
  return found
    .filter((f) => f.points.some((p) => lineAt(source, p) === place.line))
    .sort((a, b) => distance(a, offset) - distance(b, offset))
    .map(located);
}

interface Found extends Located {
  /** Where V8 may point. */
  points: number[];
}

function located({ node, subject }: Found): Located {
  return { node, subject };
}

function distance(found: Found, offset: number): number {
  return Math.min(...found.points.map((p) => Math.abs(p - offset)));
}

function candidatesOf(source: Source, crash: Crash, line: number): Found[] {
  const near = (...kinds: string[]) => findKinds(source.root, ...kinds).filter((n) => touches(n, line));
  switch (crash.kind) {
    case "read":
      return near("member_expression", "subscript_expression").flatMap((n) => readOf(n, crash.member));
    case "write":
      return near("assignment_expression", "augmented_assignment_expression", "update_expression").flatMap(writeOf);
    case "destructure":
      return near("object_pattern").flatMap((n) => destructured(n));
    case "notFunction":
      return near("call_expression").flatMap((n) => calledOf(n, crash.callee));
    case "notConstructor":
    case "invalidUrl":
    case "pattern":
      return near("new_expression", "call_expression").flatMap(constructed);
    case "notIterable":
      return [
        ...near("for_in_statement", "spread_element", "array_pattern").flatMap(iterated),
        ...near("new_expression", "call_expression").flatMap(firstArgument),
      ];
    case "notDefined":
    case "notInitialized":
      return near("identifier", "shorthand_property_identifier")
        .filter((n) => n.text() === crash.name)
        .map((n) => ({ node: n, subject: n, points: ends(n) }));
    case "nullToObject":
    case "json":
    case "argument":
    case "malformedUri":
      return near("call_expression", "new_expression").flatMap(firstArgument);
    case "in":
      return near("binary_expression")
        .filter((n) => operatorOf(n) === "in")
        .flatMap(inOf);
    case "emptyReduce":
    case "invalidTime":
      return near("call_expression").flatMap(methodCall);
    case "needsNew":
      return near("call_expression").flatMap((n) => calledOf(n, ""));
    case "constAssign":
      return near("assignment_expression", "augmented_assignment_expression", "update_expression").flatMap(assigned);
    case "range":
      return near("call_expression", "new_expression").flatMap(lastArgument);
    default:
      return near("call_expression", "new_expression", "binary_expression", "template_substitution").flatMap(anything);
  }
}

function touches(node: SgNode, line: number): boolean {
  const range = node.range();
  return range.start.line <= line - 1 && line - 1 <= range.end.line;
}

function readOf(node: SgNode, member: string): Found[] {
  const object = node.field("object");
  if (object === null) return [];
  const name = memberName(node);
  if (name !== null && name !== member) return [];
  const property = node.field("property");
  // For a computed member V8 points at the bracket, which ends the object.
  const points = property === null ? [spanOf(object).end] : [spanOf(property).start];
  return [{ node, subject: object, points: [...points, spanOf(object).end] }];
}

function writeOf(node: SgNode): Found[] {
  const target = bare(node.field("left") ?? node.field("argument") ?? node);
  const object = isMember(target) ? target.field("object") : null;
  if (object === null) return [];
  const sign = node.children().find((c) => !c.isNamed());
  return [{ node, subject: object, points: [spanOf(sign ?? node).start, spanOf(target).end] }];
}

/** The value that a pattern takes apart: the declarator's value, or the pattern itself when it is a parameter. */
function destructured(pattern: SgNode): Found[] {
  const names = pattern.namedChildren().map((n) => spanOf(n).start);
  const points = [...names, spanOf(pattern).start];
  const parent = pattern.parent();
  if (parent?.kind() === "variable_declarator" || parent?.kind() === "assignment_expression") {
    const value = parent.field("value") ?? parent.field("right");
    if (value !== null) return [{ node: parent, subject: value, points }];
  }
  return [{ node: pattern, subject: pattern, points }];
}

function calledOf(call: SgNode, callee: string): Found[] {
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

function constructed(node: SgNode): Found[] {
  const subject = argumentsOf(node)[0] ?? node.field("constructor") ?? node.field("function");
  if (subject === null) return [];
  const callee = node.field("constructor") ?? node.field("function") ?? node;
  const property = callee.field("property");
  return [{ node, subject, points: [spanOf(node).start, spanOf(callee).start, spanOf(property ?? callee).start] }];
}

function iterated(node: SgNode): Found[] {
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

function firstArgument(call: SgNode): Found[] {
  const subject = argumentsOf(call)[0];
  return subject === undefined || subject.kind() === "spread_element"
    ? []
    : [{ node: call, subject, points: calleePoints(call) }];
}

function lastArgument(call: SgNode): Found[] {
  const subject = argumentsOf(call).at(-1);
  return subject === undefined ? [] : [{ node: call, subject, points: calleePoints(call) }];
}

function methodCall(call: SgNode): Found[] {
  const fn = call.field("function");
  const object = fn !== null && isMember(fn) ? fn.field("object") : null;
  return object === null ? [] : [{ node: call, subject: object, points: calleePoints(call) }];
}

function inOf(node: SgNode): Found[] {
  const right = node.field("right");
  const sign = node.children().find((c) => c.text() === "in");
  return right === null ? [] : [{ node, subject: right, points: [spanOf(sign ?? node).start] }];
}

function assigned(node: SgNode): Found[] {
  const target = node.field("left") ?? node.field("argument");
  if (target === null) return [];
  const sign = node.children().find((c) => !c.isNamed());
  return [{ node, subject: target, points: [spanOf(sign ?? node).start, spanOf(target).start] }];
}

function anything(node: SgNode): Found[] {
  const sign = node.field("operator");
  return [
    {
      node,
      subject: argumentsOf(node)[0] ?? node.field("left") ?? node,
      points: [...calleePoints(node), spanOf(sign ?? node).start],
    },
  ];
}

function calleePoints(call: SgNode): number[] {
  const callee = call.field("function") ?? call.field("constructor");
  if (callee === null) return [spanOf(call).start];
  const property = callee.field("property");
  return [spanOf(property ?? callee).start, spanOf(call).start];
}

/** Where an expression starts, and where its last member starts: V8 points at either. */
function ends(node: SgNode): number[] {
  const inner = bare(node);
  const property = inner.field("property");
  const starts = [spanOf(node).start, spanOf(inner).start, spanOf(inner).end];
  return property === null ? starts : [spanOf(property).start, ...starts];
}

/** Whether the node is a call of the function with this name at the offset: a caller's frame points there. */
export function callAt(source: Source, place: Place, callee: string | null): SgNode | null {
  const offset = offsetAt(source, place.line, place.column);
  const calls = findKinds(source.root, "call_expression", "new_expression").filter((n) => touches(n, place.line));
  const named = calls.filter((c) => callee === null || calleeName(c) === callee);
  const pointed = named.find((c) => calleePoints(c).includes(offset));
  if (pointed !== undefined) return pointed;
  return named.find((c) => lineAt(source, calleePoints(c)[0] ?? 0) === place.line) ?? null;
}

function calleeName(call: SgNode): string {
  const callee = call.field("function") ?? call.field("constructor");
  return callee?.field("property")?.text() ?? callee?.text() ?? "";
}

/** Whether two located expressions are the same. */
export function sameLocation(a: Located, b: Located): boolean {
  return same(a.node, b.node) && same(a.subject, b.subject);
}
