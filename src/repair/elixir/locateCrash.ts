import type { SgNode } from "@ast-grep/napi";
import type { Source } from "../../syntax/source.ts";
import { onLine } from "../proposals.ts";
import type { ElixirCrash } from "./crashKinds.ts";

/** The crashing expression, and the value in it that was missing or wrong. */
export interface Found {
  node: SgNode;
  subject: SgNode;
}

/** The expressions on the crashing line that fit the message. Elixir's frames have no column. */
export function locateElixir(source: Source, line: number, crash: ElixirCrash): Found[] {
  const calls = onLine(source, line, "call");
  switch (crash.kind) {
    case "nilField":
    case "key":
      return calls.flatMap((node) => fieldOf(node, crash.key));
    case "clause":
      return calls
        .filter((node) => isDefinition(node, crash.name, crash.arity))
        .map((node) => ({ node, subject: node }));
    case "empty":
      return calls
        .filter((node) => /^Enum\.(?:max|min)(?:_by)?$/.test(callee(node)))
        .map((node) => ({ node, subject: node }));
    case "enumerate":
      return [
        ...calls.filter((node) => /^(?:Enum|Stream)\./.test(callee(node))).flatMap((node) => givenTo(node)),
        ...onLine(source, line, "binary_operator")
          .filter((node) => operator(node) === "<-")
          .flatMap((node) => pair(node, node.field("right"))),
      ];
    case "arithmetic":
      return [
        ...onLine(source, line, "binary_operator")
          .filter((node) => operator(node) === "/")
          .flatMap((node) => pair(node, node.field("right"))),
        ...calls
          .filter((node) => /^(?:div|rem)$/.test(callee(node)))
          .flatMap((node) => pair(node, argumentsOf(node)[1] ?? null)),
      ];
  }
}

/** A read of the key: `map.key` or `Map.fetch!(map, :key)`. */
function fieldOf(node: SgNode, key: string): Found[] {
  if (callee(node) === "Map.fetch!" && argumentsOf(node)[1]?.text() === key)
    return pair(node, argumentsOf(node)[0] ?? null);
  const dot = node.field("target");
  const hasArguments = node.children().some((c) => c.kind() === "arguments");
  if (dot === null || dot.kind() !== "dot" || hasArguments || `:${dot.field("right")?.text()}` !== key) return [];
  const owner = dot.field("left");
  return owner === null || owner.kind() === "alias" ? [] : pair(node, owner);
}

/** The enumerated value: the first argument, or the value piped in. */
function givenTo(node: SgNode): Found[] {
  const parent = node.parent();
  const isPiped =
    parent?.kind() === "binary_operator" && operator(parent) === "|>" && parent.field("right")?.id() === node.id();
  return pair(node, isPiped ? (parent?.field("left") ?? null) : (argumentsOf(node)[0] ?? null));
}

/** Text of the called function or macro; "" when there is none. */
export function callee(node: SgNode): string {
  return node.field("target")?.text() ?? "";
}

/** Operator of a binary or unary expression; "" when there is none. */
export function operator(node: SgNode): string {
  return node.field("operator")?.text() ?? "";
}

/** The arguments of a call, without comments. */
export function argumentsOf(node: SgNode): SgNode[] {
  return (
    node
      .children()
      .find((c) => c.kind() === "arguments")
      ?.namedChildren() ?? []
  ).filter((n) => n.kind() !== "comment");
}

/** Whether the node is a definition with this name and arity: `def name(a, b) do`, `defp name(a) when … do`. */
export function isDefinition(node: SgNode, name: string, arity: number): boolean {
  const head = headOf(node);
  return head !== null && callee(head) === name && argumentsOf(head).length === arity;
}

/** The head of a definition, `name(a, b)`, without its guard; null when the node is not a definition. */
export function headOf(node: SgNode): SgNode | null {
  if (!/^defp?$/.test(callee(node))) return null;
  const [first] = argumentsOf(node);
  const head = first?.kind() === "binary_operator" && operator(first) === "when" ? first.field("left") : first;
  return head?.kind() === "call" ? head : null;
}

function pair(node: SgNode, subject: SgNode | null): Found[] {
  return subject === null ? [] : [{ node, subject }];
}

/** Name of the innermost function around a node; "" outside of every function. */
export function functionAround(node: SgNode): string {
  const heads = node.ancestors().map(headOf);
  const head = heads.find((one) => one !== null);
  return head === undefined || head === null ? "" : callee(head);
}
