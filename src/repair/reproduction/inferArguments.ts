import type { SgNode } from "@ast-grep/napi";
import { findKinds, isMember, memberName, type Parameter, parametersOf, same } from "../../syntax/scriptNodes.ts";
import { fitting } from "./probe/search.ts";
import { at, literal, object, type Path, type Shape, UNDEFINED, withAt } from "./probe/shape.ts";

/**
 * The shape of each argument, inferred from how the function uses it: an object with the members that are read, a list,
 * a text, a function. Code after the crash needs such values. Without them a correct repair would fail its test.
 */
export function inferArguments(fn: SgNode): Shape[] {
  const body = fn.field("body");
  return parametersOf(fn)
    .filter(({ pattern }) => pattern.kind() !== "rest_pattern")
    .map((parameter) => (body === null ? UNDEFINED : typicalOf(parameter, body)));
}

function typicalOf({ pattern }: Parameter, body: SgNode): Shape {
  if (pattern.kind() === "identifier") return usesOf(pattern.text(), [], body, UNDEFINED);
  if (pattern.kind() !== "object_pattern") return UNDEFINED;
  let shape: Shape = object();
  for (const part of pattern.namedChildren()) {
    const key = part.kind() === "pair_pattern" ? part.field("key")?.text() : part.text().split(/\s*=/)[0];
    const name = part.kind() === "pair_pattern" ? part.field("value")?.text() : key;
    if (key !== undefined && name !== undefined) shape = usesOf(name, [key], body, shape);
  }
  return shape;
}

function usesOf(name: string, from: Path, body: SgNode, start: Shape): Shape {
  let shape = start;
  for (const node of findKinds(body, "identifier")) {
    if (node.text() !== name) continue;
    shape = oneUse(node, from, shape);
  }
  return shape;
}

/** Follows a chain of members from the name to the last use. */
function oneUse(start: SgNode, from: Path, before: Shape): Shape {
  let shape = before;
  let path: Path = from;
  for (let node = start; ; ) {
    const parent = node.parent();
    if (parent === null) return shape;
    if (parent.kind() === "call_expression" && same(parent.field("function"), node))
      return put(shape, path, { k: "fn", returns: UNDEFINED });
    // Used as a key of an unknown object: any text will do.
    if (parent.kind() === "subscript_expression" && same(parent.field("index"), node))
      return put(shape, path, literal("a"));
    if (parent.kind() === "for_in_statement" && same(parent.field("right"), node))
      return put(shape, path, { k: "arr", items: [] });
    if (!isMember(parent) || !same(parent.field("object"), node)) return shape;
    const member = memberName(parent);
    if (member === null) return put(shape, path, object());
    const called = parent.parent();
    const isCalled = called?.kind() === "call_expression" && same(called.field("function"), parent);
    const [fits = object()] = fitting(member);
    if (fits.k !== "obj") return put(shape, path, fits);
    shape = put(shape, path, object());
    path = [...path, member];
    if (isCalled) return put(shape, path, { k: "fn", returns: UNDEFINED });
    node = parent;
  }
}

/** Sets the value at the path if nothing is there, or if an empty object is there and the value is not an object. */
function put(shape: Shape, path: Path, value: Shape): Shape {
  const now = at(shape, path);
  if (now.k === "undef") return withAt(shape, path, value);
  const isBare = now.k === "obj" && Object.keys(now.props).length === 0;
  return isBare && value.k !== "obj" ? withAt(shape, path, value) : shape;
}
