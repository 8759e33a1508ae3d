import type { SgNode } from "@ast-grep/napi";
import { findKinds, operatorOf } from "../../syntax/scriptNodes.ts";
import { lineAt, offsetAt, type Source } from "../../syntax/source.ts";
import type { Place } from "../candidate.ts";
import {
  anything,
  assigned,
  type CrashingNode,
  calledOf,
  calleePoints,
  constructed,
  destructured,
  eachArgument,
  ends,
  type Found,
  firstArgument,
  inOf,
  iterated,
  lastArgument,
  methodCall,
  readOf,
  touches,
  writeOf,
} from "./crashingNodes.ts";
import type { Crash } from "./crashKinds.ts";

/**
 * Finds the crashing expression at a place, from the message and the offset that V8 reports. Best match first. Empty
 * when the file does not fit the frame.
 */
export function locateCrash(source: Source, place: Place, crash: Crash): CrashingNode[] {
  const offset = offsetAt(source, place.line, place.column);
  const found = candidatesOf(source, crash, place.line);
  const pointed = found.filter((f) => f.points.includes(offset));
  if (place.column !== undefined && pointed.length > 0) return pointed.map(located);
  // Without a column (or with one from another V8 version): every match on the line, nearest first.
  return found
    .filter((f) => f.points.some((p) => lineAt(source, p) === place.line))
    .sort((a, b) => distance(a, offset) - distance(b, offset))
    .map(located);
}

function located({ node, subject }: Found): CrashingNode {
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
    case "handedOver":
      return near("call_expression", "new_expression").flatMap(eachArgument);
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

/** A call at the offset of a caller's frame. With `callee`, only a call of that name; null when the line has none. */
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
